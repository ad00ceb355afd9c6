import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { watch } from '../../kube/watch.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const MAPS = '/api/v1/namespaces/shop/configmaps'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

function map(name: string, data = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { test: 'yes' } }, data }
}

/** A kind that the API server comes to know when it has a history already. */
const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.example' },
  spec: {
    group: 'test.example',
    scope: 'Cluster',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}

function refusal(status: number, reason: string, hint = /./) {
  return (thrown: unknown) => {
    assert.ok(thrown instanceof KubeError, String(thrown))
    assert.deepEqual([thrown.status, thrown.reason], [status, reason])
    assert.match(thrown.hint, hint)
    return true
  }
}

describe('KubeClient at a real API server', { skip, timeout: 180_000 }, () => {
  let cluster: KubeCluster
  let kube: KubeClient

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    kube = cluster.kube
    await cluster.addNamespace('shop')
  })
  after(() => cluster[Symbol.asyncDispose]())

  it('gets what it created and patched', async () => {
    const created = await kube.create(MAPS, map('a', { one: '1', two: '2' }))
    assert.match(created.metadata?.uid ?? '', /^[0-9a-f-]{36}$/)
    await kube.patch(`${MAPS}/a`, { data: { two: null, three: '3' } })
    assert.deepEqual((await kube.get<ConfigMap>(`${MAPS}/a`)).data, { one: '1', three: '3' })
    const { kind, metadata, ...others } = await kube.getMetadata(`${MAPS}/a`)
    assert.deepEqual(
      [kind, metadata?.uid, 'data' in others],
      ['PartialObjectMetadata', created.metadata?.uid, false],
    )
  })

  it('lists more than a page, and by a field', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `page-${String(index).padStart(3, '0')}`)
    await Promise.all(names.map(name => kube.create(MAPS, map(name))))
    // What the API server remembers follows what it wrote, a moment later.
    const found = await eventually('all of them', 20, async () => {
      const pages = (await kube.list(MAPS)).items.filter(({ metadata }) =>
        metadata?.name?.startsWith('page-'),
      )
      return pages.length === names.length ? pages : undefined
    })
    assert.deepEqual(found.map(({ metadata }) => metadata?.name).sort(), names)
    const { items } = await kube.list(MAPS, { fieldSelector: 'metadata.name=page-007' })
    assert.deepEqual(
      items.map(({ metadata }) => metadata?.name),
      ['page-007'],
    )
  })

  it('says what is not there, what is there already, and what has changed since', async () => {
    await assert.rejects(kube.get(`${MAPS}/nothing`), refusal(404, 'NotFound'))
    const first = await kube.create(MAPS, map('twice'))
    await assert.rejects(kube.create(MAPS, map('twice')), refusal(409, 'AlreadyExists'))
    await kube.patch(`${MAPS}/twice`, { data: { changed: 'yes' } })
    const { resourceVersion = '' } = first.metadata ?? {}
    const late = kube.patch(`${MAPS}/twice`, { metadata: { resourceVersion }, data: { late: 'yes' } })
    await assert.rejects(late, refusal(409, 'Conflict'))
  })

  it('says whom to allow what, and works once that is allowed', async t => {
    const pods = new KubeClient(await cluster.addServiceAccount('shop', 'reader'))
    t.after(() => pods.close())
    const hint = /verb "list" on "configmaps" of API group ""/
    await assert.rejects(pods.list(MAPS), refusal(403, 'Forbidden', hint))
    const reader = ['--namespace=shop', '--verb=list', '--resource=configmaps']
    await cluster.kubectl(['create', 'role', 'reader', ...reader])
    await cluster.kubectl([
      ...['create', 'rolebinding', 'reader', '--namespace=shop', '--role=reader'],
      '--serviceaccount=shop:reader',
    ])
    // The authorizer hears of a role a moment later.
    await eventually('the role to count', 20, () => pods.list(MAPS))
    await assert.rejects(pods.get(`${MAPS}/a`), refusal(403, 'Forbidden', /verb "get"/))
  })

  it('says that its token was refused once the service account is gone', async t => {
    const gone = new KubeClient(await cluster.addServiceAccount('shop', 'gone'))
    t.after(() => gone.close())
    await cluster.kubectl(['delete', 'serviceaccount', 'gone', '--namespace=shop'])
    const hint = /whether the service account still exists/
    await eventually('the end of the token', 30, async () => {
      await assert.rejects(gone.list(MAPS), refusal(401, 'Unauthorized', hint))
      return true
    })
  })

  it('watches on from the version of a list', async () => {
    const { resourceVersion } = await kube.list(MAPS)
    await kube.create(MAPS, map('seen'))
    await kube.patch(`${MAPS}/seen`, { data: { again: 'yes' } })
    await cluster.kubectl(['delete', 'configmap', 'seen', '--namespace=shop'])
    const seen: string[] = []
    const selection = { fieldSelector: 'metadata.name=seen' }
    const { signal } = new AbortController()
    for await (const { type } of kube.watchFrom(MAPS, selection, resourceVersion, signal)) {
      seen.push(type)
      if (seen.length === 3) break
    }
    assert.deepEqual(seen, ['ADDED', 'MODIFIED', 'DELETED'])
  })

  it('lists anew when the API server no longer remembers a version, as if nothing were', async () => {
    await cluster.kubectl(['apply', '--filename=-'], WIDGETS)
    const widgets = '/apis/test.example/v1/widgets'
    await eventually('the new API', 30, () => kube.list(widgets))
    const ending = new AbortController()
    const listed: string[] = []
    const faults: unknown[] = []
    // What a client comes back with that was cut off for an hour: from before all that is remembered of the
    // kind.
    const back = {
      list: async (...asked: Parameters<KubeClient['list']>) =>
        listed.length > 0 ? await kube.list(...asked) : { items: [], resourceVersion: '1' },
      watchFrom: kube.watchFrom.bind(kube),
    } as Pick<KubeClient, 'list' | 'watchFrom'> // it only differs in the first list
    const options = { onFault: (fault: unknown) => faults.push(fault), pause: async () => undefined }
    for await (const event of watch(back, widgets, options, ending.signal)) {
      listed.push(event.type)
      if (listed.length === 2) ending.abort()
    }
    assert.deepEqual([listed, faults], [['LISTED', 'LISTED'], []])
  })
})
