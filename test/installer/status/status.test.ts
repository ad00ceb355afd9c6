import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import { ourPattern } from '../../../crash/our-pattern.ts'
import { writeAtomic } from '../../../durable/atomic-file.ts'
import { encodeFillingPods } from '../../../handoff/filling-pods.ts'
import { Host } from '../../../handoff/host.ts'
import { RUN_FILES } from '../../../handoff/run-folder.ts'
import { FILE_PATTERN } from '../../../installer/node/capture-mode.ts'
import type { InspectHandler } from '../../../installer/node/handler-binary.ts'
import { DEFAULT_PLACES, type Node } from '../../../installer/node/node.ts'
import { saveOriginal } from '../../../installer/node/original.ts'
import type { Outcome } from '../../../installer/node/run-on-host.ts'
import type { Status } from '../../../installer/status/node-status.ts'
import { parseSelfTest } from '../../../installer/status/self-test-report.ts'
import { readStatus } from '../../../installer/status/status.ts'
import { problemsOf } from '../../../installer/status/status-problems.ts'
import { renderStatus } from '../../../installer/status/status-table.ts'
import { writeRefusal } from '../../../installer/supply/refusal.ts'

const HANDLER = '/usr/local/bin/coredog-handler'
const NOW = new Date('2026-11-21T06:00:00Z')
const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-status-'))
after(() => rm(scratch, { recursive: true }))

const GOOD: Status = {
  problems: [],
  way: 'pipe',
  handler: { path: HANDLER, sha256: 'aa', version: '1.2.3' },
  corePattern: ourPattern(HANDLER),
  owner: 'CoreDog',
  corePipeLimit: 64,
  original: { is: 'kept', sysctls: { corePattern: 'core', corePipeLimit: 0 } },
  staticHelper: null,
  inContainer: false,
  heartbeat: { ageSeconds: 5, uninstallAfterSeconds: 86_400 },
  lastCrash: null,
  waiting: [],
  fillingPods: [],
  checks: [{ name: 'storage', ok: true, text: 'wrote and removed s3://b/x' }],
  refusal: null,
  dedupe: { scope: 'cluster' },
  groups: [],
  lostHostCoreFiles: null,
}

const { config } = parseConfig('StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}')
const PIPE = {
  config,
  way: 'pipe',
  isConfigured: true,
  hostProcesses: 'forward',
  selfTestHere: async () => ({ exitCode: 0, stdout: 'ok     storage: it is there\n', stderr: '' }),
  groups: async () => [],
} as const
const REFUSAL = { reason: 'StorageConfig.S3Bucket is not set', hint: 'Set it.' }

const BROKEN: readonly (readonly [string, Partial<Status>, RegExp])[] = [
  [
    'systemd took over',
    { owner: 'systemd-coredump', corePattern: '|/usr/lib/systemd/systemd-coredump' },
    /belongs to systemd-coredump/,
  ],
  [
    'the node is a container, and its machine has no handler',
    { inContainer: true, owner: 'apport', corePattern: '|/usr/share/apport/apport' },
    /this node is a container, .*"\|\/usr\/share\/apport\/apport" is its machine's/,
  ],
  ['the handler is gone', { handler: null }, /names a handler that is not there/],
  [
    'another handler is there',
    { handler: { path: '/opt/bin/coredog-handler', sha256: 'aa', version: '1' } },
    /not there/,
  ],
  [
    'nothing was installed',
    { handler: null, owner: 'a setting that writes files', corePattern: 'core' },
    /no handler is on the node/,
  ],
  [
    'the handler does not run',
    { handler: { path: HANDLER, sha256: 'aa', version: null, problem: 'noexec' } },
    /does not run: noexec/,
  ],
  ['the kernel does not wait', { corePipeLimit: 0 }, /core_pipe_limit is 0/],
  ['the kernel starts nothing', { staticHelper: '' }, /starts no programs/],
  [
    'the store refuses',
    { checks: [{ name: 'storage', ok: false, text: 'Cannot put', hint: 'Do.' }] },
    /^storage: Cannot put/,
  ],
  [
    'the installer is gone',
    { heartbeat: { ageSeconds: 61, uninstallAfterSeconds: 86_400 } },
    /no installer was here for 61 seconds/,
  ],
]

for (const [state, change, what] of BROKEN) {
  it(`problemsOf names the cause, first, when ${state}`, () => {
    const [first] = problemsOf({ ...GOOD, ...change })
    assert.match(first?.what ?? '', what)
    assert.match(first?.hint ?? '', /\.$/)
  })
}

it('problemsOf puts a refused configuration first, and nothing else on a node that is left alone for it', () => {
  const refused = { what: 'the configuration is refused: StorageConfig.S3Bucket is not set', hint: 'Set it.' }
  assert.deepEqual(problemsOf({ ...GOOD, refusal: REFUSAL, corePipeLimit: 0 })[0], refused)
  const fresh = { handler: null, owner: 'apport', original: { is: 'missing' }, heartbeat: null } as const
  assert.deepEqual(problemsOf({ ...GOOD, ...fresh, refusal: REFUSAL }), [refused])
})

it('readStatus reads what the installer has left of a refused configuration', async () => {
  const node = await aNode(ourPattern(HANDLER))
  await writeRefusal(node, REFUSAL)
  assert.deepEqual((await readStatus(node, inspect, [], PIPE, NOW)).refusal, REFUSAL)
  await writeRefusal(node, null)
  assert.equal((await readStatus(node, inspect, [], PIPE, NOW)).refusal, null)
})

it('readStatus knows what processes of the node lose where the kernel wrote files before', async () => {
  const node = await aNode(ourPattern(HANDLER))
  await saveOriginal(node, { corePattern: 'core', corePipeLimit: 0 })
  const status = await readStatus(node, inspect, [], PIPE, NOW)
  assert.deepEqual(status.problems, [])
  assert.match(
    renderStatus(status),
    /^host processes +warning: processes outside of pods leave no core files/m,
  )
})

it('readStatus never saw an installer in the future, and gives the self-test the time that it needs', async () => {
  const node = await aNode(ourPattern(HANDLER))
  const deadlines: (number | undefined)[] = []
  const runOnHost: Node['runOnHost'] = (command, deadlineSeconds) => {
    if (command[1] === 'self-test') deadlines.push(deadlineSeconds)
    return node.runOnHost(command)
  }
  const earlier = new Date('2026-11-21T05:58:58Z')
  const { heartbeat } = await readStatus({ ...node, runOnHost }, inspect, [], PIPE, earlier)
  assert.equal(heartbeat?.ageSeconds, 0)
  assert.deepEqual(deadlines, [60])
})

const FILES: Status = { ...GOOD, way: 'file', handler: null, corePattern: FILE_PATTERN, checks: [] }

it('problemsOf finds nothing wrong with a node that writes files, without a handler or a limit', () => {
  assert.deepEqual(problemsOf({ ...FILES, corePipeLimit: 0, staticHelper: '' }), [])
})

it('problemsOf tells of a pipe that should have become files, and of somebody else', () => {
  const [late] = problemsOf({ ...FILES, corePattern: ourPattern(HANDLER) })
  assert.match(late?.what ?? '', /still the pipe/)
  const [other] = problemsOf({ ...FILES, owner: 'apport', corePattern: '|/usr/share/apport/apport %p' })
  assert.match(other?.what ?? '', /belongs to apport/)
})

it('problemsOf blames nobody for a core_pattern that was never set, for want of a handler', () => {
  const corePattern = '|/usr/share/apport/apport %p'
  const original = { is: 'kept', sysctls: { corePattern, corePipeLimit: 0 } } as const
  const found = problemsOf({ ...GOOD, handler: null, owner: 'apport', corePattern, original, checks: [] })
  assert.deepEqual(found, [
    { what: 'no handler is on the node', hint: 'Look for errors in the log of the installer on this node.' },
  ])
  const taken = problemsOf({ ...GOOD, handler: null, owner: 'apport', corePattern, checks: [] })
  assert.match(taken[1]?.what ?? '', /belongs to apport/)
})

it('problemsOf finds nothing wrong with a good node', () => assert.deepEqual(problemsOf(GOOD), []))

it('renderStatus shows what is wrong before what there is', () => {
  const text = renderStatus({ ...GOOD, problems: [{ what: 'no handler', hint: 'Install it.' }] })
  assert.ok(text.startsWith('1 problem:\n  no handler\n    Install it.\n\ncores go '), text)
  assert.ok(renderStatus(GOOD).startsWith('A crash now would be collected.\n'))
  assert.match(renderStatus(FILES), /^A crash in a container with a directory for cores/)
})

it('renderStatus lets no process write to the terminal', () => {
  const lastCrash = { outcome: 'stored', comm: '\u001b[2J\u202Eevil\n', time: NOW.toISOString() } as const
  const text = renderStatus({ ...GOOD, lastCrash })
  assert.ok(text.includes('?[2J?evil?: stored'), text)
})

it('parseSelfTest reads the checks and their hints', () => {
  const stdout =
    'ok     configuration: /etc/coredog/coredog.yaml\nwarn   channels: none configured\nFAILED storage: Cannot put "x": no\n       Do this.\n'
  assert.deepEqual(parseSelfTest({ exitCode: 1, stdout, stderr: '' }), [
    { name: 'configuration', ok: true, text: '/etc/coredog/coredog.yaml' },
    { name: 'channels', ok: true, warning: true, text: 'none configured' },
    { name: 'storage', ok: false, text: 'Cannot put "x": no', hint: 'Do this.' },
  ])
})

it('parseSelfTest tells of a self-test that did not end', () => {
  const [check] = parseSelfTest({ exitCode: null, stdout: '', stderr: '' })
  assert.equal(check?.ok, false)
  assert.equal(check?.text, 'it did not end in time')
})

it('readStatus sees a node that collects', async () => {
  const node = await aNode(ourPattern(HANDLER))
  const status = await readStatus(node, inspect, [], PIPE, NOW)
  assert.deepEqual(status.problems, [])
  assert.equal(status.handler?.version, '1.2.3')
  assert.deepEqual(status.heartbeat, { ageSeconds: 60, uninstallAfterSeconds: 9 })
  assert.equal(status.lastCrash?.pod, 'cart-0')
  assert.deepEqual(status.waiting, [{ name: 'spool', files: 1, bytes: 5, limitBytes: 20 * 2 ** 30 }])
})

it('renderStatus says when the spool is nearly full, by the words of a quota', () => {
  const spool = { name: 'spool', files: 3, limitBytes: 20 * 2 ** 20 }
  const shown = (mebibytes: number) =>
    renderStatus({ ...GOOD, problems: [], waiting: [{ ...spool, bytes: mebibytes * 2 ** 20 }] })
  assert.match(shown(17), /^spool +3 files, 17\.0 MiB$/m)
  assert.match(shown(18.5), /^spool +3 files, 18\.5 MiB, nearly full \(92 % of 20 MiB\)$/m)
  assert.match(shown(20), /, full \(100 % of 20 MiB\)$/m)
})

it('renderStatus says whose core files have little room left, by the words of a quota', () => {
  const cart = { pod: 'shop/cart-0', usedBytes: 18.5 * 2 ** 20, limitBytes: 20 * 2 ** 20 }
  const fillingPods = [
    { ...cart, pod: 'shop/cart-1', usedBytes: 21 * 2 ** 20, unstoredBytes: 2 ** 20 },
    { ...cart, unstoredBytes: 0 },
  ]
  const text = renderStatus({ ...GOOD, problems: [], fillingPods })
  assert.match(
    text,
    /^core files of pods +shop\/cart-1: 21\.0 MiB, full \(105 % of 20 MiB\), 1\.0 MiB of it not stored$/m,
  )
  assert.match(text, /^ +shop\/cart-0: 18\.5 MiB, nearly full \(92 % of 20 MiB\), all of it stored$/m)
})

it('readStatus reads what the installer has left of pods with little room, where there is a fallback', async () => {
  const node = await aNode(ourPattern(HANDLER))
  const cart = { pod: 'shop/cart-0', usedBytes: 95, limitBytes: 100, unstoredBytes: 0 }
  const file = path.join(node.places.runFolder, RUN_FILES.fillingPods)
  await writeAtomic(node.host.path(file), encodeFillingPods([cart]))
  const fallback = { ...config.fallback, hostPath: true }
  const wanted = { ...PIPE, config: { ...config, fallback } }
  assert.deepEqual((await readStatus(node, inspect, [], wanted, NOW)).fillingPods, [cart])
  assert.deepEqual((await readStatus(node, inspect, [], PIPE, NOW)).fillingPods, [])
})

it('renderStatus says what came within a day, how often, and on how many nodes', () => {
  const time = new Date('2026-11-28T04:21:17Z')
  const group = { namespace: 'shop', workload: 'checkout', site: 'ab', first: time, mutedUntil: null }
  const last = new Date('2026-11-29T07:02:00Z')
  const text = renderStatus({
    ...GOOD,
    problems: [],
    groups: [
      { ...group, crashes: 36, pods: 12, nodes: 4, last, mutedUntil: new Date('2026-12-01T00:00:00Z') },
      { ...group, workload: 'pay\u001b[2J', crashes: 1, pods: 1, nodes: null, last: time },
    ],
  })
  assert.match(
    text,
    /^came within a day +shop\/checkout: 36 times since 2026-11-28 04:21 UTC, in 12 pods on 4 nodes, last at 2026-11-29 07:02 UTC; muted until 2026-12-01 00:00 UTC$/m,
  )
  assert.match(text, /^ +shop\/pay\?\[2J: once, at 2026-11-28 04:21 UTC, in 1 pod on this node$/m)
})

it('readStatus names who took core_pattern', async () => {
  const status = await readStatus(await aNode('|/usr/share/apport/apport %p'), inspect, [], PIPE, NOW)
  assert.equal(status.owner, 'apport')
  assert.match(status.problems[0]?.what ?? '', /belongs to apport/)
})

it('problemsOf tells that nobody collects the files of a node without an installer', () => {
  const [alone] = problemsOf({ ...FILES, heartbeat: null })
  assert.match(alone?.what ?? '', /nothing else collects/)
  assert.deepEqual(problemsOf({ ...GOOD, heartbeat: null }), [])
})

it('readStatus tries the store where core files are read in our own container', async () => {
  const selfTestHere = async () => ({ exitCode: 1, stdout: 'FAILED storage: no such key\n', stderr: '' })
  const wanted = { ...PIPE, way: 'file', selfTestHere } as const
  const { problems } = await readStatus(await aNode(FILE_PATTERN), async () => null, [], wanted, NOW)
  assert.deepEqual(problems, [{ what: 'storage: no such key', hint: 'See the message.' }])
})

it('readStatus tells our files from those of somebody who set the same pattern', async () => {
  const node = await aNode(FILE_PATTERN)
  assert.deepEqual((await readStatus(node, async () => null, [], { ...PIPE, way: 'file' }, NOW)).problems, [])
  const status = await readStatus(node, inspect, [], PIPE, NOW)
  assert.match(status.owner, /original CoreDog/)
})

const inspect: InspectHandler = async file => (file === HANDLER ? { path: file, sha256: 'aa' } : null)

function logOf(...entries: readonly object[]): string {
  return entries.map(entry => `${JSON.stringify(entry)}\n`).join('')
}

/** A node on which two crashes were logged, one file waits, and an installer was a minute ago. */
async function aNode(corePattern: string): Promise<Node> {
  const host = new Host(await mkdtemp(path.join(scratch, 'node-')))
  const sysctlFolder = host.path('/proc/sys/kernel')
  const crash = { level: 30, msg: 'crash skipped', namespace: 'shop', pod: 'cart-0', reason: 'no' }
  const files: Record<string, string> = {
    '/proc/sys/kernel/core_pattern': `${corePattern}\n`,
    '/proc/sys/kernel/core_pipe_limit': '64\n',
    '/run/coredog/heartbeat.json': JSON.stringify({ time: '2026-11-21T05:59:00Z', uninstallAfterSeconds: 9 }),
    '/var/log/coredog/handler.log': logOf({ ...crash, pod: 'cart-9' }, crash, { msg: 'notice failed' }),
    '/var/lib/coredog/spool/a/core.gz': '12345',
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(host.path(file)), { recursive: true })
    await writeFile(host.path(file), text)
  }
  const runOnHost = async ([, command]: readonly string[]): Promise<Outcome> => ({
    exitCode: 0,
    stdout: command === '--version' ? '1.2.3\ngzip by zlib: built without ISA-L\n' : 'ok     storage: fine\n',
    stderr: '',
  })
  return { host, sysctlFolder, places: DEFAULT_PLACES, runOnHost, log: pino({ enabled: false }) }
}

it('problemsOf() a node in a container is content with its machine, wherever that has the handler', () => {
  const corePattern = ourPattern('/opt/bin/coredog-handler', { containerNodes: true })
  assert.deepEqual(problemsOf({ ...GOOD, inContainer: true, corePattern }), [])
})
