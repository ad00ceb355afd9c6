import assert from 'node:assert/strict'
import { it } from 'node:test'
import { clusterObjects } from '../../../bench/installer/pretended-cluster.ts'
import { Workloads } from '../../../installer/supply/workload.ts'

it('pods of the pretended cluster tell their Deployment, as those of a real one', () => {
  const workloads = new Workloads({ getMetadata: () => assert.fail('asked') })
  const pods = clusterObjects().filter(({ kind }) => kind === 'Pod')
  assert.deepEqual(
    pods.map(pod => workloads.known(pod)),
    pods.map((_, index) => ({ kind: 'Deployment', name: `web-${index}` })),
  )
})
