import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import type { PutCrash } from './put-crash.ts'

describe('coredog-api behind a real API server', { skip: NO_API_CLUSTER, timeout: 300_000 }, () => {
  let cluster: ApiCluster
  let crash: PutCrash

  before(async () => {
    cluster = await startApiCluster()
    await cluster.kube.addNamespace('shop')
    await cluster.kube.addNamespace('bank')
    await cluster.bind('viewer', 'coredog-viewer', 'shop')
    await cluster.bind('downloader', 'coredog-downloader', 'shop')
    crash = await cluster.putCrash({ namespace: 'shop' })
    await cluster.putCrash({ namespace: 'bank', pod: 'teller' })
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
  })

  it('lists crashes by their short name, as a table', async () => {
    const { stdout } = await cluster.kube.kubectl(['get', 'cores', '-n', 'shop', '--as=viewer'])
    assert.match(stdout, /^NAME +POD +CONTAINER +REASON/)
    assert.ok(stdout.includes(crash.name))
  })

  it('is among the resources, with its short names', async () => {
    const { stdout } = await cluster.kube.kubectl(['api-resources', '--api-group=coredog.io', '--no-headers'])
    assert.match(stdout, /^coredumps +core,cores +coredog\.io\/v1alpha1 +true +Coredump$/m)
  })
})
