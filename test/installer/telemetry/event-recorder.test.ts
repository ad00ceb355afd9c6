import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { pino } from 'pino'
import { EventOutbox } from '../../../installer/telemetry/event-outbox.ts'
import { EventRecorder } from '../../../installer/telemetry/event-recorder.ts'
import { eventOf } from '../../../installer/telemetry/events.ts'
import { KubeClient } from '../../../kube/client.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { startFakeKube } from '../../fakes/fake-kube.ts'
import { WaitedClock } from '../../fakes/waited-clock.ts'

const silent = pino({ enabled: false })

// Ends a hang; what a test is of is not how fast it is answered.
const PATIENT = { requestSeconds: 600 }

it('EventRecorder posts what it is told, in order, and one that is refused keeps no other back', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  kube.failNext('create events', { status: 500 })
  const recorder = new EventRecorder(client, 'node-1', silent)
  for (const reason of ['First', 'Second', 'Third']) recorder.recordNodeEvent(reason, 'what to do')
  await recorder.quiet()
  await client.close()
  assert.deepEqual(
    kube.events.map(({ reason }) => reason),
    ['Second', 'Third'],
  )
})

it('EventRecorder has nobody to tell outside of a cluster', async () => {
  const recorder = new EventRecorder(null, 'node-1', silent)
  recorder.recordNodeEvent('First', 'what to do')
  await recorder.quiet()
})

function crashLine(pod: string, id: number) {
  const report = { id: `${id}`, pod: { namespace: 'shop', name: pod }, crash: { site: `${id}` } }
  return { msg: 'crash suppressed', report }
}

it('EventRecorder makes two requests of three thousand crash lines of one pod, whatever they are', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  const recorder = new EventRecorder(client, 'node-1', silent)
  for (let id = 0; id < 3000; id += 1) {
    const line = crashLine('web-0', id)
    recorder.record(eventOf(line, 'node-1'))
    if (id === 0) await kube.asked('create events', 1)
  }
  await recorder.quiet()
  await client.close()
  assert.deepEqual(
    kube.events.map(({ series }) => series?.count),
    [undefined, 2999],
  )
})

it('EventRecorder posts a burst, and then no more than ten Events a minute', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  const clock = Object.assign(new WaitedClock(), { random: Math.random })
  const recorder = new EventRecorder(client, 'node-1', silent, null, clock)
  for (let pod = 0; pod < 45; pod += 1) recorder.record(eventOf(crashLine(`web-${pod}`, pod), 'node-1'))
  await recorder.quiet()
  await client.close()
  assert.equal(kube.events.length, 45)
  assert.equal(Math.round(clock.ms / 1000), 120)
})

it('EventRecorder keeps what the API server is not there for, and posts it when it is back, also after a restart of ours', async t => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  const outbox = new EventOutbox(path.join(temporaryFolder(t), 'events'), silent)
  const clock = Object.assign(new WaitedClock(), { random: () => 0 })
  // Each is tried at once, and then the first of them once more.
  kube.failNext('create events', ...Array.from({ length: 4 }, () => ({ status: 503 })))
  const before = new EventRecorder(client, 'node-1', silent, outbox, clock)
  for (const pod of [0, 1, 2]) before.record(eventOf(crashLine(`web-${pod}`, pod), 'node-1'))
  await before.quiet()
  assert.equal(kube.events.length, 0)

  const ending = new AbortController()
  const after = new EventRecorder(client, 'node-1', silent, outbox, clock)
  const posting = after.postLeft(ending.signal)
  await kube.asked('create events', 7)
  await emptied(outbox)
  ending.abort()
  await posting
  await client.close()
  assert.deepEqual(kube.events.map(({ regarding }) => regarding?.name).sort(), ['web-0', 'web-1', 'web-2'])
})

it('EventRecorder keeps no Event that was refused for good', async t => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  const outbox = new EventOutbox(path.join(temporaryFolder(t), 'events'), silent)
  const recorder = new EventRecorder(client, 'node-1', silent, outbox)
  kube.failNext('create events', { status: 403 })
  for (const pod of [0, 1]) recorder.record(eventOf(crashLine(`web-${pod}`, pod), 'node-1'))
  await recorder.quiet()
  await client.close()
  const left: string[] = []
  await outbox.deliver(async ({ regarding }) => {
    left.push(regarding.name)
    return 'settled'
  })
  assert.deepEqual([left, kube.events.map(({ regarding }) => regarding?.name)], [[], ['web-1']])
})

it('EventRecorder leaves nothing on a node that CoreDog has left', async t => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access, PATIENT)
  const folder = path.join(temporaryFolder(t), 'events')
  const recorder = new EventRecorder(client, 'node-1', silent, new EventOutbox(folder, silent))
  kube.failNext('create events', { status: 503 })
  recorder.recordNodeEvent('First', 'what to do')
  await recorder.quiet('left')
  await client.close()
  assert.equal(existsSync(folder), false)
})

/** Resolves when nothing waits there any more. */
async function emptied(outbox: EventOutbox): Promise<void> {
  const limit = AbortSignal.timeout(120_000)
  for (let isEmpty = false; !isEmpty; ) {
    limit.throwIfAborted()
    isEmpty = await outbox.deliver(async () => 'away')
  }
}
