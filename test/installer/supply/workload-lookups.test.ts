import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Workloads } from '../../../installer/supply/workload.ts'
import { WorkloadLookups } from '../../../installer/supply/workload-lookups.ts'
import type { Pod } from '../../../kube/objects.ts'
import { WaitedClock } from '../../fakes/waited-clock.ts'

function podOf(replicaSet: string): Pod {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: `uid of ${replicaSet}` }
  const name = `${replicaSet}-x`
  return {
    metadata: { namespace: 'shop', name, uid: name, ownerReferences: [{ ...owner, controller: true }] },
  }
}

it('WorkloadLookups asks for five at once, and then for twelve a minute', async () => {
  const clock = new WaitedClock()
  const askedAt: number[] = []
  const getMetadata = async (path: string) => {
    askedAt.push(clock.ms)
    return { metadata: { uid: `uid of ${path.split('/').at(-1)}` } }
  }
  const lookups = new WorkloadLookups(new Workloads({ getMetadata }), () => true, clock)
  for (let number = 0; number < 30; number += 1) lookups.add(podOf(`web-${number}`))
  const ending = new AbortController()
  let found = 0
  await lookups.run(() => {
    found += 1
    if (found === 30) ending.abort()
  }, ending.signal)
  assert.deepEqual(
    askedAt.slice(0, 7).map(ms => Math.round(ms / 1000)),
    [0, 0, 0, 0, 0, 5, 10],
  )
  assert.equal(Math.round(clock.ms / 1000), 125)
})
