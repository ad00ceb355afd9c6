import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type ApiUse, lookAt } from '../../../bench/installer/api-use.ts'
import { idleTable, installerTargets, requestTable } from '../../../bench/installer/installer-table.ts'
import { clusterObjects, NODE_NAME } from '../../../bench/installer/pretended-cluster.ts'
import { KubeClient } from '../../../kube/client.ts'
import { startFakeKube } from '../../fakes/fake-kube.ts'

/** As of an installer that asks for all of these. */
async function useOf(paths: readonly string[]): Promise<ApiUse> {
  await using kube = await startFakeKube({ objects: clusterObjects() })
  const client = new KubeClient(kube.access)
  const use = lookAt(kube)
  for (const path of paths) await client.get(path).catch(() => undefined)
  await client.list('/api/v1/pods', { fieldSelector: `spec.nodeName=${NODE_NAME}` })
  const found = use()
  await client.close()
  return found
}

const OWNER = '/apis/apps/v1/namespaces/shop/replicasets/web-0-7d4b9c'

it('the tables of an installer tell its own requests from those for owners of pods', async () => {
  const again = await useOf(['/api/v1/nodes/node-1', '/apis/coredog.io'])
  const first = await useOf([...Array.from({ length: 5 }, () => '/api/v1/nodes/node-1'), OWNER])
  const idle = {
    minutes: 5,
    use: { requests: [], answeredBytes: 0 },
    cpuSeconds: 1,
    residentBytes: 2 ** 20,
    series: 20,
  }
  const figures = { first, again, idle, peakBytes: 2 ** 21, knowsWithout: true }
  const [firstRow, againRow] = requestTable(figures).rows
  assert.deepEqual(firstRow?.slice(1, 4), ['7', '1', '0'])
  assert.equal(firstRow?.[5], '5 get nodes, get replicasets, list pods')
  assert.equal(againRow?.[5], 'get nodes, get /apis/coredog.io, list pods')
  assert.ok(Number(againRow?.[4]) > 10)
  assert.deepEqual(
    idleTable(figures).rows.map(([, value]) => value),
    ['20', '1', '2', '12.0', 'yes'],
  )
  assert.deepEqual(
    installerTargets(figures).map(({ isMet }) => isMet),
    [false, true, true, true, true],
  )
})
