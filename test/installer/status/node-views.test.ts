import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import type { Config } from '../../../config/config.ts'
import { ANY_STORE, parseConfig } from '../../../config/parse-config.ts'
import { ourPattern } from '../../../crash/our-pattern.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'
import type { Node } from '../../../installer/node/node.ts'
import type { NodeState } from '../../../installer/node/node-state.ts'
import { NodeViews } from '../../../installer/status/node-views.ts'
import { openStore } from '../../../storage/open-store.ts'
import { scratchNode } from '../node/scratch-node.ts'

const HANDLER = '/usr/local/bin/coredog-handler'
const [ID, BEFORE] = ['a'.repeat(64), 'b'.repeat(64)]
const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const STATE: NodeState = {
  corePattern: ourPattern(HANDLER),
  corePipeLimit: 256,
  original: { is: 'kept', sysctls: { corePattern: '|/usr/share/apport/apport -p%p', corePipeLimit: 0 } },
  handlers: [{ path: HANDLER, sha256: 'f'.repeat(64) }],
  staticHelper: null,
  container: null,
}
const POD: HandoffPod = {
  namespace: 'shop',
  name: 'checkout-1',
  uid: UID,
  labels: {},
  annotations: { 'coredog.io/inject': 'true', 'coredog.io/container': 'app' },
  containers: [
    { name: 'app', id: ID, restartCount: 1 },
    { name: 'app', id: BEFORE, restartCount: 0, finishedAt: '2026-11-21T06:00:00Z' },
    { name: 'sidecar', id: 'c'.repeat(64), finishedAt: '2026-11-21T06:00:00Z' },
  ],
}

let node: Node
let started: string[]
let now: number

beforeEach(() => {
  node = scratchNode(mkdtempSync(path.join(tmpdir(), 'coredog-views-')))
  started = []
  now = 0
})
afterEach(() => rmSync(path.dirname(node.host.root), { recursive: true }))

it('NodeViews.node tells of the node, and has its handler tried once in five minutes', async () => {
  const views = viewsOf({})
  const first = await views.node()
  assert.deepEqual(first.trial, { ageSeconds: null, running: true, checks: [] })
  assert.equal(first.ready, true)
  assert.deepEqual(first.pattern, { ours: true, owner: 'CoreDog', pipeLimit: 256, before: 'apport' })
  await untilTried(views)
  now = 299_000
  const { trial, handler, problems } = await views.node()
  assert.deepEqual([handler, trial.ageSeconds, trial.running], ['coredog-handler 0.1.0', 299, false])
  assert.deepEqual(trial.checks, [
    { name: 'configuration', ok: true },
    { name: 'storage', ok: false },
    { name: 'channel', ok: true, warning: true },
  ])
  assert.deepEqual(
    problems.map(({ what }) => what),
    ['storage failed when the handler tried it'],
  )
  assert.deepEqual(started, ['self-test', '--version'])
})

it('NodeViews.node names no bucket, no host, and no process', async () => {
  mkdirSync(node.host.path('/var/log/coredog'), { recursive: true })
  const crash = {
    msg: 'crash skipped',
    time: '2026-11-21T06:00:00Z',
    pod: 'checkout-1',
    comm: 'secretd',
    signal: 11,
  }
  writeFileSync(
    node.host.path('/var/log/coredog/handler.log'),
    `${JSON.stringify({ level: 30, ...crash })}\n`,
  )
  const store = openStore(DEFAULTS.storage).location('_groups')
  const tried = { version: 1, store, works: false, reason: 'Cannot put "s3://bucket/x"', triedAt: '' }
  mkdirSync(node.host.path(node.places.runFolder), { recursive: true })
  writeFileSync(
    path.join(node.host.path(node.places.runFolder), 'conditional-writes.json'),
    JSON.stringify(tried),
  )
  const views = viewsOf({})
  await views.node()
  await untilTried(views)
  const view = await views.node()
  assert.deepEqual(view.lastCrash, { outcome: 'skipped', time: '2026-11-21T06:00:00Z', signal: 11 })
  assert.deepEqual(view.dedupe, { scope: 'node', why: 'the store has no conditional writes' })
  assert.doesNotMatch(JSON.stringify(view), /s3:|bucket|chat\.example|secretd|checkout/)
})

it('NodeViews.node is not ready where the installer has found something wrong', async () => {
  const troubles = [{ what: 'core_pattern was taken', hint: 'Take it back.' }]
  const view = await viewsOf({ troubles, state: { ...STATE, corePattern: 'core' } }).node()
  assert.equal(view.ready, false)
  assert.deepEqual(view.problems, troubles)
  assert.deepEqual(view.pattern?.owner, 'a setting that writes files')
})

it('NodeViews.node has nothing tried before the node was looked at', async () => {
  const view = await viewsOf({ state: null }).node()
  assert.deepEqual([view.pattern, view.trial.running, started], [null, false, []])
})

it('NodeViews.node has the handler of its own container tried where cores are files', async () => {
  const { config } = parseConfig(`${ANY_STORE}\nfallback: {corePattern: true}`, { file: 'x' })
  const views = viewsOf({ state: { ...STATE, handlers: [] }, config })
  await views.node()
  await untilTried(views)
  const { capture, handler, trial } = await views.node()
  assert.deepEqual(
    [capture, handler, trial.checks, started],
    ['file', null, [{ name: 'storage', ok: true }], []],
  )
})

it('NodeViews.pod tells what is decided of each container, and what its processes are like', async () => {
  runs(42, ID)
  runs(43, 'd'.repeat(64))
  writeIn('/proc/sys/fs', 'suid_dumpable', '2\n')
  const view = await viewsOf({}).pod(UID)
  assert.equal(view?.suidDumpable, 2)
  const [app, sidecar] = view?.containers ?? []
  assert.deepEqual(app?.policy, { do: 'collect' })
  assert.deepEqual([app?.running, app?.processCount, app?.processes[0]?.pid], [true, 1, 1])
  assert.deepEqual(sidecar?.policy, {
    do: 'skip',
    reason: 'container "sidecar" is not in annotation coredog.io/container=app',
  })
  assert.deepEqual([sidecar?.running, sidecar?.processes], [false, []])
})

it('NodeViews.pod sees the processes of a container that has started since it looked', async () => {
  runs(43, 'd'.repeat(64))
  const views = viewsOf({})
  assert.equal((await views.pod(UID))?.containers[0]?.processCount, 0)
  runs(42, ID)
  now = 1000
  assert.equal((await views.pod(UID))?.containers[0]?.processCount, 1)
})

it('NodeViews.pod knows the pods of its node only', async () => {
  assert.equal(await viewsOf({}).pod('7d3c'), null)
})

interface Given {
  readonly state?: NodeState | null
  readonly troubles?: { what: string; hint: string }[]
  readonly config?: Config
}

const { config: DEFAULTS } = parseConfig(ANY_STORE, { file: 'the defaults' })

function viewsOf({ state = STATE, troubles = [], config = DEFAULTS }: Given) {
  const standing = { config, state, troubles, turnedAt: new Date(0) }
  const book = { get: (uid: string) => (uid === UID ? POD : null) }
  const selfTestHere = async () => ({ exitCode: 0, stdout: 'ok     storage: wrote\n', stderr: '' })
  const runOnHost = async ([, command = '']: readonly string[]) => {
    started.push(command)
    const stdout = command === 'self-test' ? SELF_TEST : 'coredog-handler 0.1.0\ngzip by ISA-L\n'
    return { exitCode: 0, stdout, stderr: '' }
  }
  return new NodeViews({
    node: { ...node, runOnHost },
    nodeName: 'node-1',
    standing,
    book,
    selfTestHere,
    now: () => now,
  })
}

const SELF_TEST = `ok     configuration: /etc/coredog/coredog.yaml
FAILED storage: Cannot put "s3://bucket/x": AccessDenied
       Look at the policy of the bucket.
warn   channel: chat.example
`

async function untilTried(views: NodeViews): Promise<void> {
  for (;;) if (!(await views.node()).trial.running) return
}

function runs(pid: number, containerId: string): void {
  const folder = `/proc/${pid}`
  const pod = `pod${UID.replaceAll('-', '_')}`
  writeIn(folder, 'cgroup', `0::/kubepods.slice/kubepods-${pod}.slice/cri-containerd-${containerId}.scope\n`)
  writeIn(folder, 'status', 'Name:\tapp\nState:\tS (sleeping)\nNSpid:\t42\t1\nUid:\t1000\t1000\t1000\t1000\n')
}

function writeIn(folder: string, name: string, text: string): void {
  mkdirSync(node.host.path(folder), { recursive: true })
  writeFileSync(path.join(node.host.path(folder), name), text)
}
