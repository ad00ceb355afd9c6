import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Workloads } from '../../../installer/supply/workload.ts'

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  name: 'report-1',
  uid: 'uid-of-report-1',
  controller: true,
}
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  name: 'report',
  uid: 'uid-of-report',
  controller: true,
}
const podIn = (namespace: string) => ({ metadata: { namespace, name: 'report-1-x', ownerReferences: [job] } })

it('Workloads knows nothing for a pod that names an owner of another namespace', async () => {
  const found = { metadata: { namespace: 'shop', name: job.name, uid: job.uid, ownerReferences: [cronJob] } }
  const workloads = new Workloads({ getMetadata: async () => found })
  await workloads.lookUp(podIn('shop'), new AbortController().signal)
  assert.deepEqual(workloads.known(podIn('shop')), { kind: 'CronJob', name: 'report' })
  assert.equal(workloads.known(podIn('bank')), undefined)
})
