import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { Announcer } from '../../installer/announcer.ts'
import { KubeClient } from '../../kube/client.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'

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
