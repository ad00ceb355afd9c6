import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ourPattern } from '../../../crash/our-pattern.ts'
import { KERNEL_DEFAULTS } from '../../../handoff/original-sysctls.ts'
import { FILE_PATTERN } from '../../../installer/node/capture-mode.ts'
import type { NodeState } from '../../../installer/node/node-state.ts'
import { plan, planRestore, type Step, type Wanted } from '../../../installer/node/plan.ts'

const [HERE, THERE] = ['/usr/local/bin/coredog-handler', '/opt/bin/coredog-handler']
const OURS = ourPattern(HERE)
const SYSTEMD = '|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h'
const APPORT = '|/usr/share/apport/apport -p%p -s%s'

const wanted: Wanted = {
  way: 'pipe',
  sha256: 'new',
  directories: ['/usr/local/bin', '/opt/bin'],
  corePipeLimit: 64,
}
const good = { path: HERE, sha256: 'new' }
const kept = { is: 'kept', sysctls: { corePattern: APPORT, corePipeLimit: 0 } } as const

const ready: NodeState = {
  corePattern: OURS,
  corePipeLimit: 64,
  original: kept,
  handlers: [good],
  staticHelper: null,
  container: null,
}
const fresh: NodeState = {
  corePattern: 'core',
  corePipeLimit: 0,
  original: { is: 'missing' },
  handlers: [],
  staticHelper: null,
  container: null,
}

const place: Step = { do: 'placeHandler', directories: wanted.directories }
const limit: Step = { do: 'writePipeLimit', limit: 64 }
const pattern: Step = { do: 'writePattern', pattern: OURS }

function save(corePattern: string, corePipeLimit: number): Step {
  return { do: 'saveOriginal', sysctls: { corePattern, corePipeLimit }, assumed: false }
}
const assume: Step = { do: 'saveOriginal', sysctls: KERNEL_DEFAULTS, assumed: true }

const nodes: readonly { name: string; state: NodeState; steps: readonly Step[]; asks?: Partial<Wanted> }[] = [
  { name: 'a fresh node: what cannot run leaves nothing', state: fresh, steps: [place] },
  {
    name: 'a fresh node with a handler',
    state: { ...fresh, handlers: [good] },
    steps: [save('core', 0), limit, pattern],
  },
  {
    name: 'a node on which the handler was just placed',
    state: { ...fresh, original: kept, handlers: [good] },
    steps: [limit, pattern],
  },
  { name: 'a node as it should be', state: ready, steps: [] },
  {
    name: 'a node without the addon',
    state: { ...fresh, original: kept, handlers: [good] },
    asks: { addonSha256: 'new' },
    steps: [{ do: 'placeAddon', directory: '/usr/local/bin' }, limit, pattern],
  },
  {
    name: 'an older addon',
    state: { ...ready, handlers: [{ ...good, addonSha256: 'old' }] },
    asks: { addonSha256: 'new' },
    steps: [{ do: 'placeAddon', directory: '/usr/local/bin' }],
  },
  {
    name: 'a node with handler and addon',
    state: { ...ready, handlers: [{ ...good, addonSha256: 'new' }] },
    asks: { addonSha256: 'new' },
    steps: [],
  },
  {
    name: 'an addon on the node, and none that is brought',
    state: { ...ready, handlers: [{ ...good, addonSha256: 'old' }] },
    steps: [],
  },
  {
    name: 'an older handler of ours',
    state: { ...ready, handlers: [{ path: HERE, sha256: 'old' }] },
    steps: [place],
  },
  {
    name: 'an older handler in the second directory: it stays there',
    state: { ...ready, corePattern: ourPattern(THERE), handlers: [{ path: THERE, sha256: 'old' }] },
    steps: [{ do: 'placeHandler', directories: ['/opt/bin', '/usr/local/bin'] }],
  },
  {
    name: 'systemd-coredump',
    state: { ...fresh, corePattern: SYSTEMD, corePipeLimit: 16 },
    steps: [place],
  },
  {
    name: 'apport, with a handler',
    state: { ...fresh, corePattern: APPORT, handlers: [good] },
    steps: [save(APPORT, 0), limit, pattern],
  },
  {
    name: "Container-Optimized OS's |/bin/false",
    state: { ...fresh, corePattern: '|/bin/false', handlers: [good] },
    steps: [save('|/bin/false', 0), limit, pattern],
  },
  {
    name: 'a larger core_pipe_limit than ours: it stays',
    state: { ...ready, corePipeLimit: 128 },
    steps: [],
  },
  { name: 'a lowered core_pipe_limit', state: { ...ready, corePipeLimit: 16 }, steps: [limit] },
  { name: 'a pattern reset to the original', state: { ...ready, corePattern: APPORT }, steps: [pattern] },
  { name: 'a foreign pattern', state: { ...ready, corePattern: SYSTEMD }, steps: [pattern] },
  {
    name: 'our pattern with other arguments',
    state: { ...ready, corePattern: `|${HERE} %P %e %t` },
    steps: [pattern],
  },
  {
    name: 'a lost original: never our own value',
    state: { ...ready, original: { is: 'missing' } },
    steps: [assume],
  },
  {
    name: 'a corrupt original: never our own value',
    state: { ...ready, original: { is: 'corrupt' } },
    steps: [assume],
  },
  {
    name: 'our pattern without its program',
    state: { ...ready, handlers: [] },
    steps: [place],
  },
  {
    name: 'our handler, which does not run any more',
    state: { ...ready, handlers: [{ ...good, problem: 'noexec' }] },
    steps: [place],
  },
  {
    name: 'an upgrade that had to move: the old handler goes last',
    state: {
      ...ready,
      corePattern: ourPattern(THERE),
      handlers: [good, { path: THERE, sha256: 'old' }],
    },
    steps: [pattern, { do: 'removeHandler', directory: '/opt/bin' }],
  },
  {
    name: 'a handler outside of the configured directory',
    state: ready,
    asks: { directories: ['/opt/bin'] },
    steps: [{ do: 'placeHandler', directories: ['/opt/bin'] }],
  },
]
for (const { name, state, steps, asks } of nodes) {
  it(`plan() for ${name}`, () => {
    assert.deepEqual(plan(state, { ...wanted, ...asks }), steps)
  })
}

const write: Step = { do: 'writePattern', pattern: FILE_PATTERN }
const byHand: NodeState = { ...fresh, corePattern: FILE_PATTERN }
const clean: NodeState = { ...ready, corePattern: FILE_PATTERN, handlers: [] }

const withoutPipe: readonly { name: string; state: NodeState; steps: readonly Step[] }[] = [
  { name: 'a fresh node', state: fresh, steps: [save('core', 0), write] },
  {
    name: 'a node with the pattern of the original CoreDog, set by hand: it is what was there before',
    state: byHand,
    steps: [save(FILE_PATTERN, 0)],
  },
  {
    name: 'a node that has a pipe: the handler goes when nothing names it any more',
    state: ready,
    steps: [write, { do: 'removeHandler', directory: '/usr/local/bin' }],
  },
  {
    name: 'a node that has a pipe, killed after the pattern',
    state: { ...clean, handlers: [good] },
    steps: [{ do: 'removeHandler', directory: '/usr/local/bin' }],
  },
  { name: 'a node as it should be', state: clean, steps: [] },
  { name: 'a lowered core_pipe_limit: it means nothing', state: { ...clean, corePipeLimit: 0 }, steps: [] },
  { name: 'a foreign pattern', state: { ...clean, corePattern: SYSTEMD }, steps: [write] },
  {
    name: 'a lost original: never our pipe',
    state: { ...ready, original: { is: 'missing' }, handlers: [] },
    steps: [assume, write],
  },
  {
    name: 'a kernel that starts no programs',
    state: { ...clean, corePattern: 'core', staticHelper: '' },
    steps: [write],
  },
]
for (const { name, state, steps } of withoutPipe) {
  it(`plan() without a pipe for ${name}`, () =>
    assert.deepEqual(plan(state, { ...wanted, way: 'file' }), steps))
}

it('plan() for a pipe keeps the pattern of the original CoreDog as what was there before', () => {
  assert.deepEqual(plan({ ...byHand, handlers: [good] }, wanted), [save(FILE_PATTERN, 0), limit, pattern])
})

it('plan() for a pipe, from files: a handler that runs, and then the pattern that names it', () => {
  assert.deepEqual(plan({ ...clean, corePipeLimit: 0 }, wanted), [place])
  assert.deepEqual(plan({ ...clean, corePipeLimit: 0, handlers: [good] }, wanted), [limit, pattern])
})

it('plan() for a pipe leaves a node to whoever keeps setting the pattern of the original CoreDog', () => {
  const [step] = plan(clean, { ...wanted, contested: true })
  assert.match(step?.do === 'leaveAlone' ? step.reason : '', /sysctl\.conf\) has kept putting it back/)
})

it('plan() leaves a contested node alone, and names who has it', () => {
  const [step, ...others] = plan({ ...ready, corePattern: SYSTEMD }, { ...wanted, contested: true })
  assert.equal(step?.do, 'leaveAlone')
  assert.match(step?.do === 'leaveAlone' ? step.reason : '', /systemd-coredump has kept putting it back/)
  assert.deepEqual(others, [])
})

const nodeOfMachine: NodeState = { ...fresh, container: { shownHandler: null } }
const shown: NodeState = { ...nodeOfMachine, handlers: [good], container: { shownHandler: HERE } }
const MACHINES = ourPattern('/opt/bin/coredog-handler', { containerNodes: true })
const settings = ['writePattern', 'writePipeLimit', 'saveOriginal']

for (const corePattern of ['core', APPORT, OURS, MACHINES]) {
  it(`plan() of a node that is a container sets nothing of its machine, which has "${corePattern}"`, () => {
    for (const state of [nodeOfMachine, { ...nodeOfMachine, handlers: [good] }, shown]) {
      const steps = [
        ...plan({ ...state, corePattern }, wanted),
        ...planRestore({ ...state, corePattern }, []),
      ]
      assert.deepEqual(
        steps.filter(step => settings.includes(step.do)),
        [],
      )
    }
  })
}

it('plan() of a node that is a container places a handler, shows it, and says what its machine lacks', () => {
  assert.deepEqual(plan(nodeOfMachine, wanted), [place])
  const [show, left] = plan({ ...nodeOfMachine, handlers: [good] }, wanted)
  assert.deepEqual(show, { do: 'showHandler', path: HERE })
  assert.match(
    left?.do === 'leaveAlone' ? `${left.reason}. ${left.hint}` : '',
    /a container.* --container-nodes`\. IMAGE/,
  )
  assert.deepEqual(plan(shown, { ...wanted, contested: true }), [left])
})

it('plan() of a node that is a container is content with a machine that looks into nodes', () => {
  assert.deepEqual(plan({ ...shown, corePattern: MACHINES, corePipeLimit: 256 }, wanted), [])
})

it('plan() of a node that is a container puts back what an installer of before has set on its machine', () => {
  const before: NodeState = { ...shown, corePattern: OURS, corePipeLimit: 64, original: kept }
  assert.deepEqual(
    plan(before, wanted).map(step => step.do),
    ['writePattern', 'writePipeLimit', 'leaveAlone'],
  )
  assert.deepEqual(plan({ ...before, corePattern: MACHINES }, wanted), [])
})

it('plan() of a machine whose nodes are containers has the handler look into them', () => {
  const looking = { do: 'writePattern', pattern: ourPattern(HERE, { containerNodes: true }) }
  assert.deepEqual(plan(ready, { ...wanted, containerNodes: true }), [looking])
})

it('plan() leaves a kernel alone that starts no programs', () => {
  assert.deepEqual(
    plan({ ...fresh, staticHelper: '' }, wanted).map(step => step.do),
    ['leaveAlone'],
  )
})

const gone: readonly Step[] = [{ do: 'removeHandler', directory: '/usr/local/bin' }, { do: 'removeFolders' }]
const back: Step = { do: 'writePattern', pattern: APPORT }
const unlimited: Step = { do: 'writePipeLimit', limit: 0 }

const leaving: readonly { name: string; state: NodeState; steps: readonly Step[] }[] = [
  { name: 'ours: the pattern before the program', state: ready, steps: [back, unlimited, ...gone] },
  {
    name: 'ours, killed after the pattern',
    state: { ...ready, corePattern: APPORT },
    steps: [unlimited, ...gone],
  },
  { name: 'of a foreign writer: theirs stays', state: { ...ready, corePattern: SYSTEMD }, steps: gone },
  {
    name: 'ours, the original lost: the defaults of the kernel',
    state: { ...ready, original: { is: 'corrupt' } },
    steps: [{ do: 'writePattern', pattern: 'core' }, unlimited, ...gone],
  },
  { name: 'never installed', state: fresh, steps: gone },
  { name: 'ours, without a pipe', state: clean, steps: [back, unlimited, ...gone] },
  { name: 'never installed, with a pattern set by hand: it stays', state: byHand, steps: gone },
  {
    name: 'ours, with a pattern set by hand before us: it stays',
    state: { ...byHand, original: { is: 'kept', sysctls: { corePattern: FILE_PATTERN, corePipeLimit: 0 } } },
    steps: gone,
  },
]
for (const { name, state, steps } of leaving) {
  it(`planRestore() of a node that is ${name}`, () => {
    assert.deepEqual(planRestore(state, ['/usr/local/bin']), steps)
  })
}
