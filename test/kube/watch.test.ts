import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { type WatchEvent, type WatchOptions, watch } from '../../kube/watch.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'

function pod(name: string, nodeName = 'node-1'): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name }, spec: { nodeName } } as Pod
}

/**
 * A watch of node-1's pods, of which the next event is read as a word: `ADDED web-0`, `LISTED web-0 web-1`.
 */
async function watching(test: TestContext, more: Partial<WatchOptions> = {}) {
  const fake = await startFakeKube({ objects: [pod('web-0'), pod('other', 'node-2')] })
  const kube = new KubeClient(fake.access)
  const control = new AbortController()
  const pauses: number[] = []
  const faults: unknown[] = []
  const pause = async (seconds: number) => {
    pauses.push(seconds)
  }
  const onFault = (fault: unknown) => {
    faults.push(fault)
  }
  const options = { fieldSelector: 'spec.nodeName=node-1', onFault, pause, random: () => 0.5, ...more }
  const events = watch<Pod>(kube, '/api/v1/pods', options, control.signal)
  test.after(async () => {
    control.abort()
    await kube.close()
    await fake.close()
  })
  const next = async () => wordsOf((await events.next()).value)
  return { fake, control, events, next, pauses, faults }
}

function wordsOf(event: WatchEvent<Pod> | undefined): string {
  if (event === undefined) return 'ended'
  const objects = event.type === 'LISTED' ? event.objects : [event.object]
  return [event.type, ...objects.map(({ metadata }) => metadata?.name)].join(' ')
}

it('watch() lists, and then tells what changes', async t => {
  const { fake, next } = await watching(t)
  assert.equal(await next(), 'LISTED web-0')
  fake.put(pod('web-1'), pod('unseen', 'node-2'))
  assert.equal(await next(), 'ADDED web-1')
  fake.put(pod('web-1'))
  assert.equal(await next(), 'MODIFIED web-1')
  fake.remove(pod('web-0'))
  assert.equal(await next(), 'DELETED web-0')
  assert.deepEqual(
    fake.requests.map(({ action }) => action),
    ['list pods', 'watch pods'],
  )
})

it('watch() goes on where a watch ended, and misses nothing', async t => {
  const { fake, next, faults } = await watching(t)
  await next()
  const second = next()
  await fake.watched(1)
  fake.endWatches()
  fake.put(pod('web-1'))
  assert.equal(await second, 'ADDED web-1')
  assert.deepEqual(faults, [])
  assert.equal(fake.requests.filter(({ action }) => action === 'list pods').length, 1)
})

it('watch() goes on where a watch broke off in the middle of a line', async t => {
  const { fake, next, faults } = await watching(t)
  await next()
  const second = next()
  await fake.watched(1)
  fake.cutWatches()
  await fake.watched(2)
  fake.put(pod('web-1'))
  assert.equal(await second, 'ADDED web-1')
  assert.equal(faults.length, 1)
})

it('watch() goes on from a bookmark', async t => {
  const { fake, next } = await watching(t)
  await next()
  const second = next()
  await fake.watched(1)
  fake.bookmark()
  fake.endWatches()
  await fake.watched(2)
  fake.put(pod('web-1'))
  await second
  const versions = fake.requests.map(({ query }) => query.resourceVersion)
  assert.deepEqual(versions, ['0', '1002', '1003'])
})

it('watch() lists anew when the API server has forgotten where it was', async t => {
  const { fake, next, faults } = await watching(t)
  await next()
  const second = next()
  await fake.watched(1)
  fake.remove(pod('web-0'))
  assert.equal(await second, 'DELETED web-0')
  fake.put(pod('web-2'))
  fake.forgetHistory()
  assert.equal(await next(), 'ADDED web-2')
  assert.equal(await next(), 'LISTED web-2')
  assert.deepEqual(faults, [])
})

it('watch() lists anew when HTTP itself says 410', async t => {
  const { fake, next } = await watching(t)
  await next()
  fake.failNext('watch pods', { status: 410 })
  assert.equal(await next(), 'LISTED web-0')
})

it('watch() pauses longer each time that the history is forgotten, though each list goes well', async t => {
  const { fake, next, pauses, faults } = await watching(t)
  fake.failNext('watch pods', { status: 410 }, { status: 410 }, { status: 410 })
  for (let list = 0; list < 4; list += 1) assert.equal(await next(), 'LISTED web-0')
  assert.deepEqual(pauses, [2, 4, 8])
  assert.deepEqual(faults, [])
})

it('watch() has no fault to tell once it is told to end', async t => {
  const { control, next, pauses, faults } = await watching(t)
  await next()
  const last = next()
  control.abort()
  assert.equal(await last, 'ended')
  assert.deepEqual([pauses, faults], [[], []])
})

it('watch() pauses longer after each fault, up to half a minute, and for a second once all is well', async t => {
  const { fake, next, pauses, faults } = await watching(t)
  fake.failNext('list pods', ...Array.from({ length: 7 }, () => ({ status: 500 })))
  assert.equal(await next(), 'LISTED web-0')
  assert.deepEqual(pauses, [2, 4, 8, 16, 30, 30, 30])
  assert.equal(faults.length, 7)
  const second = next()
  await fake.watched(1)
  fake.put(pod('web-1'))
  await second
  const third = next()
  fake.endWatches()
  await fake.watched(2)
  fake.put(pod('web-1'))
  await third
  assert.equal(pauses.at(-1), 1)
})

it('watch() ends when it is told to, and only then', async t => {
  const { fake, control, next } = await watching(t)
  await next()
  const last = next()
  await fake.watched(1)
  control.abort()
  assert.equal(await last, 'ended')
})

for (const [random, least] of [
  [0, 0.5],
  [1, 1.5],
] as const) {
  it(`watch() pauses ${least} times as long where chance is ${random}: not all nodes come back at once`, async t => {
    const { fake, next, pauses } = await watching(t, { random: () => random, startWithinSeconds: 10 })
    fake.failNext('list pods', { status: 500 }, { status: 410 })
    assert.equal(await next(), 'LISTED web-0')
    assert.deepEqual(pauses, [10 * random, 2 * least, 4 * least])
  })
}
