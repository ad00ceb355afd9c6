import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { inCluster } from '../../kube/access.ts'
import { KubeClient, namespaceOf } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { Pod } from '../../kube/objects.ts'
import { type FakeKubeOptions, startFakeKube } from '../fakes/fake-kube.ts'
import { privateAuthority } from '../fakes/private-authority.ts'

function pod(name: string, nodeName = 'node-1'): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name }, spec: { nodeName } } as Pod
}

// Ends a hang: with all CPUs busy, an answer of 32 MiB takes longer than a real one may.
const PATIENT = { requestSeconds: 600 }

async function clientOf(test: TestContext, options: FakeKubeOptions = {}) {
  const fake = await startFakeKube(options)
  const kube = new KubeClient(fake.access, PATIENT)
  test.after(async () => {
    await kube.close()
    await fake.close()
  })
  return { fake, kube }
}

describe('inCluster', () => {
  it('is what the kubelet gives a pod', () => {
    const access = inCluster({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' })
    assert.equal(access?.url, 'https://10.96.0.1:6443')
    assert.equal(access.tokenFile, '/var/run/secrets/kubernetes.io/serviceaccount/token')
  })

  it('puts an IPv6 address into brackets', () => {
    assert.equal(inCluster({ KUBERNETES_SERVICE_HOST: 'fd00::1' })?.url, 'https://[fd00::1]:443')
  })

  it('is null outside of a pod', () => {
    assert.equal(inCluster({}), null)
  })
})

const TOO_LARGE = ' '.repeat(33 * 1024 * 1024)

describe('KubeClient', () => {
  it('gets, creates and patches, over TLS, by the authority of the cluster', async t => {
    const { kube } = await clientOf(t, { tls: true, objects: [pod('web-0')] })
    const pods = '/api/v1/namespaces/shop/pods'
    assert.equal((await kube.get<Pod>(`${pods}/web-0`)).spec?.nodeName, 'node-1')
    assert.equal((await kube.create(pods, pod('web-1'))).metadata?.name, 'web-1')
    const patched = await kube.patch<Pod>(`${pods}/web-1`, { metadata: { labels: { a: 'b' } } })
    assert.deepEqual([patched.metadata?.labels, patched.spec?.nodeName], [{ a: 'b' }, 'node-1'])
  })

  it('does not trust a server of another authority', async t => {
    const { fake } = await clientOf(t, { tls: true })
    const kube = new KubeClient({ ...fake.access, caFile: null })
    t.after(() => kube.close())
    await assert.rejects(kube.get('/api/v1/namespaces/shop/pods/a'), /self-signed certificate/)
    assert.equal(fake.requests.length, 0)
  })

  it('trusts the authority whose certificate is there now', async t => {
    const { fake, kube } = await clientOf(t, { tls: true, objects: [pod('web-0')] })
    const file = path.join(fake.folder, 'ca.crt')
    const certificate = readFileSync(file)
    writeFileSync(file, (await privateAuthority()).certificate)
    await assert.rejects(kube.list('/api/v1/pods'), { reason: 'Unreachable' })
    writeFileSync(file, certificate)
    assert.equal((await kube.list('/api/v1/pods')).items.length, 1)
  })

  it('lists the pods of a node from memory of the API server, all at once', async t => {
    const names = Array.from({ length: 230 }, (_, index) => `web-${index}`)
    const { fake, kube } = await clientOf(t, {
      objects: [...names.map(name => pod(name)), pod('x', 'node-2')],
    })
    const { items, resourceVersion } = await kube.list<Pod>('/api/v1/pods', {
      fieldSelector: 'spec.nodeName=node-1',
    })
    assert.deepEqual(
      items.map(({ metadata }) => metadata?.name),
      names,
    )
    assert.equal(resourceVersion, '1231')
    assert.deepEqual(
      fake.requests.map(({ query }) => query),
      [{ fieldSelector: 'spec.nodeName=node-1', resourceVersion: '0' }],
    )
  })

  it('lists in pages what is too large to be read at once', async t => {
    const { fake, kube } = await clientOf(t, {
      objects: Array.from({ length: 230 }, (_, number) => pod(`web-${number}`)),
    })
    fake.failNext('list pods', { status: 200, body: TOO_LARGE })
    assert.equal((await kube.list('/api/v1/pods')).items.length, 230)
    assert.deepEqual(
      fake.requests.map(({ query }) => query.limit),
      [undefined, '100', '100', '100'],
    )
  })

  it('lists in smaller pages where those are too large, as a tenant may make its pods', async t => {
    const { fake, kube } = await clientOf(t, {
      objects: Array.from({ length: 25 }, (_, number) => pod(`web-${number}`)),
    })
    const tooLarge = { status: 200, body: TOO_LARGE }
    fake.failNext('list pods', tooLarge, tooLarge)
    assert.equal((await kube.list('/api/v1/pods')).items.length, 25)
    assert.deepEqual(
      fake.requests.map(({ query }) => query.limit),
      [undefined, '100', '10', '10', '10'],
    )
  })

  it('hears of a pod that has as many ampersands as etcd takes, and of what comes behind it', async t => {
    const { fake, kube } = await clientOf(t)
    const control = new AbortController()
    t.after(() => control.abort())
    const lines = kube.watchFrom('/api/v1/pods', {}, '1', control.signal)
    const first = lines.next()
    await fake.watched(1)
    // The fake does not escape as Go does.
    fake.put({ ...pod('large'), spec: { args: ['\\u0026'.repeat(1.4 * 2 ** 20)] } } as Pod, pod('web-0'))
    const named = [await first, await lines.next()].map(({ value }) => value?.object.metadata?.name)
    assert.deepEqual(named, ['large', 'web-0'])
  })

  it('gets the metadata alone, from memory of the API server', async t => {
    const { fake, kube } = await clientOf(t, { objects: [pod('web-0')] })
    const { kind, metadata, ...others } = await kube.getMetadata('/api/v1/namespaces/shop/pods/web-0')
    assert.deepEqual([kind, metadata?.name], ['PartialObjectMetadata', 'web-0'])
    assert.deepEqual(others, { apiVersion: 'meta.k8s.io/v1' })
    assert.deepEqual(fake.requests[0]?.query, { resourceVersion: '0' })
  })

  it('has each watch end at another time, after half an hour and within one', async t => {
    const { fake } = await clientOf(t)
    for (const [index, random] of [0, 0.5, 1].entries()) {
      const kube = new KubeClient(fake.access, { random: () => random })
      const watching = kube.watchFrom('/api/v1/pods', {}, '1', new AbortController().signal).next()
      await fake.watched(index + 1)
      await Promise.all([assert.rejects(watching), kube.close()])
    }
    assert.deepEqual(
      fake.requests.map(({ query }) => query.timeoutSeconds),
      ['1800', '2700', '3600'],
    )
  })

  it('ends a watch that says nothing, for its connection may be dead', async t => {
    const { fake } = await clientOf(t)
    const kube = new KubeClient(fake.access, { silenceSeconds: 0.1 })
    t.after(() => kube.close())
    const { signal } = new AbortController()
    assert.deepEqual(await kube.watchFrom('/api/v1/pods', {}, '1', signal).next(), {
      done: true,
      value: undefined,
    })
  })

  it('reads the token anew for each request', async t => {
    const { fake, kube } = await clientOf(t, { objects: [pod('web-0')] })
    await kube.get('/api/v1/namespaces/shop/pods/web-0')
    fake.rotateToken()
    await kube.get('/api/v1/namespaces/shop/pods/web-0')
    assert.deepEqual(
      fake.requests.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    )
  })

  it('knows the namespace that it runs in', async t => {
    const { fake } = await clientOf(t, { namespace: 'tools' })
    assert.equal(await namespaceOf(fake.access), 'tools')
    rmSync(path.join(fake.folder, 'namespace'))
    assert.equal(await namespaceOf(fake.access), null)
  })
})

describe('KubeClient, refused', () => {
  it('names the missing verb, resource and group', async t => {
    const { fake, kube } = await clientOf(t)
    fake.deny('get replicasets', 'list pods')
    await assert.rejects(kube.get('/apis/apps/v1/namespaces/shop/replicasets/web-1'), {
      name: 'KubeError',
      status: 403,
      reason: 'Forbidden',
      hint: 'Allow the service account the verb "get" on "replicasets" of API group "apps": in a ClusterRole, or in a Role of the namespace.',
    })
    await assert.rejects(kube.list('/api/v1/pods'), { hint: /the verb "list" on "pods" of API group "":/ })
  })

  it('tells what the API server said', async t => {
    const { fake, kube } = await clientOf(t)
    await assert.rejects(kube.get('/api/v1/namespaces/shop/pods/gone'), {
      message: 'Cannot get "/api/v1/namespaces/shop/pods/gone": pods "gone" not found',
      status: 404,
      reason: 'NotFound',
    })
    fake.revokeToken()
    await assert.rejects(kube.get('/api/v1/namespaces/shop/pods/gone'), { status: 401 })
  })

  it('tells the number where a proxy answered with a page', async t => {
    const { fake, kube } = await clientOf(t)
    fake.failNext('list pods', { status: 502, body: '<html>Bad gateway' })
    await assert.rejects(kube.list('/api/v1/pods'), {
      message: 'Cannot list "/api/v1/pods": HTTP 502',
      reason: 'HTTP502',
    })
  })

  it('does not show what the parser says of a page that passes for an answer', async t => {
    const { fake, kube } = await clientOf(t)
    fake.failNext('list pods', { status: 200, body: '<html>Please log in' })
    await assert.rejects(kube.list('/api/v1/pods'), {
      message: 'Cannot list "/api/v1/pods": the answer is none of the API server',
      reason: 'Unreachable',
    })
  })

  it('is unreachable when the connection is closed, and says so', async t => {
    const { fake, kube } = await clientOf(t)
    fake.failNext('list pods', 'reset')
    await assert.rejects(kube.list('/api/v1/pods'), { status: null, reason: 'Unreachable' })
  })

  it('ends when it is told to, if there is no answer', async t => {
    const { fake, kube } = await clientOf(t)
    fake.failNext('list pods', 'hang')
    const control = new AbortController()
    const listing = kube.list('/api/v1/pods', {}, control.signal)
    await fake.asked('list pods', 1)
    control.abort()
    await assert.rejects(listing, { reason: 'Unreachable' })
  })

  it('does not read an answer without end', async t => {
    const { fake, kube } = await clientOf(t)
    fake.failNext('list pods', ...Array.from({ length: 4 }, () => ({ status: 200, body: TOO_LARGE })))
    await assert.rejects(kube.list('/api/v1/pods'), /over 33554432 bytes/)
  })

  it('never shows the token', async t => {
    const { fake, kube } = await clientOf(t)
    writeFileSync(path.join(fake.folder, 'token'), 'a\nsecret')
    const [outcome] = await Promise.allSettled([kube.list('/api/v1/pods')])
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof KubeError)
    for (let at: unknown = outcome.reason; at instanceof Error; at = at.cause) {
      assert.doesNotMatch(at.message, /secret/)
    }
  })

  it('says which token is not there', async t => {
    const { fake, kube } = await clientOf(t)
    rmSync(path.join(fake.folder, 'token'))
    await assert.rejects(kube.list('/api/v1/pods'), { hint: /automountServiceAccountToken/ })
  })
})
