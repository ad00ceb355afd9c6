import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { Announcer } from '../../installer/announcer.ts'
import { eventOf, kindOf } from '../../installer/events.ts'
import { KubeClient } from '../../kube/client.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'
import { WaitedClock } from '../fakes/waited-clock.ts'

const silent = pino({ enabled: false })

it('Announcer posts what it is told, in order, and one that is refused keeps no other back', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access)
  kube.failNext('create events', { status: 500 })
  const announcer = new Announcer(client, 'node-1', silent)
  for (const reason of ['First', 'Second', 'Third']) announcer.announceNode(reason, 'what to do')
  await announcer.quiet()
  await client.close()
  assert.deepEqual(
    kube.events.map(({ reason }) => reason),
    ['Second', 'Third'],
  )
})

it('Announcer has nobody to tell outside of a cluster', async () => {
  const announcer = new Announcer(null, 'node-1', silent)
  announcer.announceNode('First', 'what to do')
  await announcer.quiet()
})

function crashLine(pod: string, id: number) {
  const report = { id: `${id}`, pod: { namespace: 'shop', name: pod }, crash: { signature: 'a' } }
  return { msg: 'crash suppressed', report }
}

it('Announcer makes two requests of three thousand crash lines of one pod and signature', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access)
  const announcer = new Announcer(client, 'node-1', silent)
  for (let id = 0; id < 3000; id += 1) {
    const line = crashLine('web-0', id)
    announcer.announce(eventOf(line, 'node-1'), kindOf(line))
    if (id === 0) await kube.asked('create events', 1)
  }
  await announcer.quiet()
  await client.close()
  assert.deepEqual(
    kube.events.map(({ series }) => series?.count),
    [undefined, 2999],
  )
})

it('Announcer posts a burst, and then no more than ten Events a minute', async () => {
  await using kube = await startFakeKube()
  const client = new KubeClient(kube.access)
  const clock = Object.assign(new WaitedClock(), { random: Math.random })
  const announcer = new Announcer(client, 'node-1', silent, clock)
  for (let pod = 0; pod < 45; pod += 1) announcer.announce(eventOf(crashLine(`web-${pod}`, pod), 'node-1'))
  await announcer.quiet()
  await client.close()
  assert.equal(kube.events.length, 45)
  assert.equal(Math.round(clock.ms / 1000), 120)
})
