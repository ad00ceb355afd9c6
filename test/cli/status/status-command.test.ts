import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import { readNodes } from '../../../cli/status/read-nodes.ts'
import {
  FORBIDDEN,
  installerPod,
  NODES,
  node,
  nodeView,
  PODS,
  PretendedCluster,
  proxied,
} from '../nodes/pretended-cluster.ts'
import { KeptOutput, pretendedWorld } from '../pretended-world.ts'

type Answers = ConstructorParameters<typeof PretendedCluster>[0]

/** Two nodes where all is well, but for what `answers` says. */
async function status(answers: Answers, ...argv: readonly string[]) {
  const cluster = new PretendedCluster({
    [NODES]: { items: [node('node-1'), node('node-2')] },
    [PODS]: { items: [installerPod('node-1'), installerPod('node-2')] },
    [proxied('node-1', '/status.json')]: nodeView('node-1'),
    [proxied('node-2', '/status.json')]: nodeView('node-2'),
    ...answers,
  })
  const world = pretendedWorld({ openCluster: async () => cluster })
  const exitCode = await runProgram(['status', ...argv], world)
  return { exitCode, out: world.stdout.text, err: world.stderr.text, cluster }
}

it('status shows a line for each node, and ends with 0 where all is well', async () => {
  const lastCrash = { time: '2026-11-21T05:19:17Z', outcome: 'stored', signal: 11 }
  const waiting = [
    { name: 'spool', files: 3, bytes: 88_080_384 },
    { name: 'outbox', files: 2, bytes: 512 },
  ]
  const { exitCode, out, err } = await status({
    [proxied('node-2', '/status.json')]: nodeView('node-2', { lastCrash, waiting }),
  })
  assert.equal(
    out,
    `NODE     VERSION   PATTERN   STORE   SPOOL               LAST CRASH   PROBLEMS
node-1   0.1.0     ours      ok      -                   -            -
node-2   0.1.0     ours      ok      84MiB, 2 messages   2m stored    -
`,
  )
  assert.deepEqual([exitCode, err], [0, ''])
})

it('status says below the table what is wrong and what to do, and ends with 1', async () => {
  const problems = [{ what: 'core_pattern belongs to apport\u001b[2J', hint: 'Keep it from that.' }]
  const pattern = { ours: false, owner: 'apport', pipeLimit: 10, before: null }
  const trial = { ageSeconds: 3, running: false, checks: [{ name: 'storage', ok: false }] }
  const { exitCode, out, err } = await status({
    [NODES]: {
      items: [node('node-1'), node('node-2', { ready: false }), node('node-3'), node('windows', WINDOWS)],
    },
    [proxied('node-1', '/status.json')]: nodeView('node-1', { problems, pattern, trial }),
    [proxied('node-2', '/status.json')]: { refused: 503, body: '{"message":"dial tcp: no route"}' },
  })
  assert.match(out, /^node-1 +0\.1\.0 +apport +failed +- +- +1$/m)
  assert.match(out, /^node-3 +- +- +- +- +\? +1$/m)
  assert.match(out, /^windows .* -$/m)
  assert.match(out, /^node-1: core_pattern belongs to apport\\x1b\[2J\n {2}Keep it from that\.$/m)
  assert.match(out, /^node-2: the node is not ready$/m)
  assert.match(out, /^node-2: its installer was asked in vain: .*no route/m)
  assert.match(out, /^node-3: no installer runs here$/m)
  assert.equal(exitCode, 1)
  assert.match(err, /error: 3 of 4 nodes have problems/)
})

it('status says in one line where crashes are compared, and which nodes differ', async () => {
  const names = Array.from({ length: 7 }, (_, number) => `node-${number + 1}`)
  const compared = async (dedupeOf: (name: string) => object) => {
    const { out } = await status({
      [NODES]: { items: names.map(name => node(name)) },
      [PODS]: { items: names.map(name => installerPod(name)) },
      ...Object.fromEntries(
        names.map(name => [proxied(name, '/status.json'), nodeView(name, { dedupe: dedupeOf(name) })]),
      ),
    })
    return out.split('\n').filter(line => line.startsWith('Crashes are compared'))
  }
  assert.deepEqual(await compared(() => ({ scope: 'cluster' })), [
    'Crashes are compared in the whole cluster',
  ])
  assert.deepEqual(
    await compared(name =>
      name === 'node-3' ? { scope: 'node', why: 'no\u001bt yet' } : { scope: 'cluster' },
    ),
    ['Crashes are compared in the whole cluster; on each node alone: no\\x1bt yet (node-3)'],
  )
  assert.deepEqual(await compared(name => ({ scope: 'node', why: name })), [
    `Crashes are compared on each node alone: node-1; ${names
      .slice(1)
      .map(name => `on each node alone: ${name} (${name})`)
      .join('; ')}`,
  ])
  assert.deepEqual(await compared(name => ({ scope: name === 'node-1' ? 'off' : 'strange' })), [
    'Crashes are compared not at all: dedupe.window',
  ])
})

const WINDOWS = { labels: { 'kubernetes.io/os': 'windows' } }

it('status says what it could not read, and shows what Pods and Events tell', async () => {
  const event = {
    reportingInstance: 'node-1',
    reason: 'CoreDumped',
    involvedObject: { kind: 'Pod', name: 'web-0' },
    eventTime: '2026-11-21T05:16:17.000000Z',
  }
  const ill = {
    reportingInstance: 'node-2',
    reason: 'ForeignCorePattern',
    message: 'apport took it',
    involvedObject: { kind: 'Node' },
  }
  const { exitCode, out, err } = await status({
    [NODES]: FORBIDDEN,
    [PODS]: { items: [installerPod('node-1'), installerPod('node-2', { ready: false })] },
    [proxied('node-1', '/status.json')]: FORBIDDEN,
    [proxied('node-2', '/status.json')]: FORBIDDEN,
    '/api/v1/events': { items: [ill, event] },
  })
  assert.match(out, /^node-1 +0\.1\.0 +\? +\? +\? +5m CoreDumped +-$/m)
  assert.match(out, /^node-2: ForeignCorePattern: apport took it$/m)
  assert.match(err, /^The installers could not be asked, .*no, you may not/m)
  assert.match(err, /^Nodes without an installer are not seen\./m)
  assert.equal(exitCode, 1)
})

it('status ends with 4 where not even the pods of the installers may be listed', async () => {
  const { exitCode, err } = await status({ [PODS]: FORBIDDEN })
  assert.equal(exitCode, 4)
  assert.match(err, /You lack the verb "list" on "pods"/)
})

it('status ends with 3 where there is no installer and no node', async () => {
  const { exitCode, err } = await status({ [PODS]: { items: [] }, [NODES]: { items: [] } })
  assert.equal(exitCode, 3)
  assert.match(err, /There is no installer in this cluster/)
})

it('readNodes() asks again until a handler was tried', async () => {
  const untried = { ageSeconds: null, running: true, checks: [] }
  const views = [nodeView('node-1', { trial: untried }), nodeView('node-1')]
  const cluster = new PretendedCluster({
    [PODS]: { items: [installerPod('node-1')] },
    [NODES]: { items: [node('node-1')] },
    [proxied('node-1', '/status.json')]: () => views.shift() ?? {},
  })
  const { signal } = new AbortController()
  const { rows } = await readNodes(cluster, { trialSeconds: 60, signal, pause: async () => undefined })
  assert.equal(rows[0]?.view?.trial.ageSeconds, 3)
  assert.equal(views.length, 0)
})

it('status takes an installer that knows no /status.json, or another one, for another version', async () => {
  for (const answer of [
    { refused: 404, body: 'There are /metrics' },
    { version: 2 },
    nodeView('x', { trial: 7 }),
  ]) {
    const { out } = await status({ [proxied('node-1', '/status.json')]: answer })
    assert.match(out, /^node-1: its installer is of another version$/m)
  }
})

it('status finds installers elsewhere, and goes where it is told', async () => {
  const elsewhere = { '/api/v1/pods': { items: [installerPod('node-1')] }, [PODS]: { items: [] } }
  assert.match((await status(elsewhere)).out, /^node-1 +0\.1\.0/m)
  const told = await status({}, '--system-namespace=../x')
  assert.equal(told.cluster.asked[0]?.path.split('?')[0], '/api/v1/namespaces/..%2Fx/pods')
})

it('status -o json is all of it, for programs', async () => {
  const { out } = await status({}, '-o', 'json')
  const { nodes, notes } = JSON.parse(out)
  assert.deepEqual(notes, [])
  assert.deepEqual(nodes[0].view, nodeView('node-1'))
  assert.deepEqual(Object.keys(nodes[0]), ['node', 'installer', 'view', 'lastEvent', 'problems'])
})

it('status ends at Ctrl-C', async () => {
  const ended = new AbortController()
  const cluster = new PretendedCluster({
    [PODS]: () => {
      ended.abort(new Error('it was interrupted'))
      return { items: [installerPod('node-1')] }
    },
  })
  const stderr = new KeptOutput()
  const world = pretendedWorld({ openCluster: async () => cluster, signal: ended.signal, stderr })
  assert.equal(await runProgram(['status'], world), 1)
  assert.equal(world.stdout.text, '')
})
