import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { crashAt, crashes } from './crashes.ts'
import { served } from './served.ts'

// biome-ignore lint/suspicious/noExplicitAny: of an answer
const namesIn = (body: any): string[] => body.items.map((item: any) => item.metadata.name)
// biome-ignore lint/suspicious/noExplicitAny: of an answer
const podsIn = (body: any): string[] => body.items.map((item: any) => item.spec.pod.name)

async function servedWith(t: TestContext, entries: readonly ReturnType<typeof crashAt>[]) {
  const world = await served(t)
  for (const entry of entries) await world.store.keep(entry)
  world.store.asked.length = 0
  return world
}

it('a list has the crashes of the namespace, the newest first', async t => {
  const { get, store } = await served(t)
  await store.keep(crashAt('2026-11-21T04:21:17Z'), { crash: { reasonCode: 'NullPointer' } })
  await store.keep(crashAt('2026-11-21T05:00:00Z', { id: '000000000001' }))
  await store.keep(crashAt('2026-11-21T05:00:00Z', { id: '000000000002', namespace: 'pay' }))
  const { code, body } = await get('/shop')
  assert.equal(code, 200)
  assert.equal(body.kind, 'CoredumpList')
  assert.equal(body.apiVersion, 'coredog.io/v1alpha1')
  assert.deepEqual(namesIn(body), ['20261121t050000z-000000000001', '20261121t042117z-3f2a9c01d4e5'])
  assert.equal(body.items[1].status.reasonCode, 'NullPointer')
  assert.match(body.metadata.resourceVersion, /^\d+$/)
  assert.equal('continue' in body.metadata, false)
})

it('a list of all namespaces has those of this cluster, and none that is in no namespace', async t => {
  const { get } = await servedWith(t, [
    crashAt('2026-11-21T04:21:17Z'),
    crashAt('2026-11-21T05:00:00Z', { id: '000000000001', namespace: 'pay' }),
    crashAt('2026-11-21T05:00:01Z', { id: '000000000002', cluster: 'test' }),
    crashAt('2026-11-21T05:00:02Z', { id: '000000000003', namespace: '_host', pod: 'node-1', container: '' }),
  ])
  const { body } = await get('/')
  assert.deepEqual(namesIn(body), ['20261121t050000z-000000000001', '20261121t042117z-3f2a9c01d4e5'])
})

for (const path of ['/shop', '/']) {
  it(`pages of ${path} are all of it, each once, and read the reports of their page alone`, async t => {
    const entries = crashes(7)
    const { get, store } = await servedWith(t, entries)
    const pods: string[] = []
    const versions = new Set<string>()
    let token = ''
    do {
      store.asked.length = 0
      const { body } = await get(`${path}?limit=3&continue=${token}`)
      assert.ok(store.asked.filter(what => what === 'get').length <= 3)
      pods.push(...podsIn(body))
      versions.add(body.metadata.resourceVersion)
      token = body.metadata.continue ?? ''
    } while (token !== '')
    assert.deepEqual(pods, entries.map(({ pod }) => pod).reverse())
    assert.equal(versions.size, 1)
  })

  it(`a list of ${path} without a limit, or with a larger one, has 500 and goes on`, async t => {
    const { get } = await servedWith(t, crashes(501))
    for (const limit of ['', 'limit=0', 'limit=100000']) {
      const { body } = await get(`${path}?${limit}`)
      assert.equal(body.items.length, 500)
      const { body: rest } = await get(`${path}?${limit}&continue=${body.metadata.continue}`)
      assert.deepEqual(podsIn(rest), ['checkout-0'])
      assert.equal(rest.metadata.continue, undefined)
    }
  })
}

it('selectors are answered by names alone', async t => {
  const { get, store } = await servedWith(t, crashes(10))
  const { body } = await get('/shop?labelSelector=coredog.io/pod%20in%20(checkout-3,checkout-5)')
  assert.deepEqual(podsIn(body), ['checkout-5', 'checkout-3'])
  assert.deepEqual(podsIn((await get('/shop?fieldSelector=spec.pod.name=checkout-4')).body), ['checkout-4'])
  assert.equal(store.asked.filter(what => what === 'get').length, 3)
  for (const query of ['fieldSelector=spec.nodeName=x', 'labelSelector=a+in', 'limit=-1', 'limit=x'])
    assert.equal((await get(`/shop?${query}`)).code, 400, query)
})

it('a list of the one name is one listing, in one namespace and in all', async t => {
  const { get, store } = await servedWith(t, crashes(10))
  const [, name] = namesIn((await get('/shop')).body)
  for (const path of ['/shop', '/']) {
    store.listed = 0
    const { body } = await get(`${path}?fieldSelector=metadata.name=${name}`)
    assert.deepEqual(namesIn(body), [name])
    assert.ok(store.listed < 10, `${store.listed}`)
    assert.deepEqual((await get(`${path}?fieldSelector=metadata.name=../x`)).body.items, [])
  }
})

it('parameters that mean nothing here are ignored', async t => {
  const { get } = await servedWith(t, crashes(1))
  const query =
    'pretty=true&resourceVersion=0&fieldValidation=Strict&dryRun=All&resourceVersionMatch=NotOlderThan'
  assert.equal((await get(`/shop?${query}`)).body.items.length, 1)
  assert.equal((await get('/shop?resourceVersion=5&resourceVersionMatch=Exact')).code, 410)
})

it('a continue token of another question, of another namespace, or of nobody is refused', async t => {
  const { get } = await servedWith(t, [...crashes(3), ...crashes(3, { namespace: 'pay' })])
  const { body } = await get('/shop?limit=1')
  const [version, digest, , resourceVersion] = JSON.parse(
    Buffer.from(body.metadata.continue, 'base64url').toString(),
  )
  const made = (...fields: unknown[]) => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const { body: pay } = await get('/pay?limit=1')
  const [, , ofPay] = JSON.parse(Buffer.from(pay.metadata.continue, 'base64url').toString())
  for (const token of [
    made(version, digest, ofPay, resourceVersion),
    made(version, digest, '_index/namespace/prod/shop/../pay/x', resourceVersion),
    made(version, digest, 'report.json', resourceVersion),
    made(version, digest, { length: 1 }, resourceVersion),
    made(2, digest, '', resourceVersion),
    made(version, digest, '', 'x'),
    'x',
    '%00',
    '[]',
    'a'.repeat(5000),
  ])
    assert.equal((await get(`/shop?limit=1&continue=${token}`)).code, 400, token)
  assert.equal((await get(`/pay?continue=${body.metadata.continue}`)).code, 400)
  assert.equal((await get(`/shop?labelSelector=a&continue=${body.metadata.continue}`)).code, 400)
})

it('a page looks at 20,000 names at most, and goes on from there', async t => {
  const { get, store } = await served(t)
  for (const entry of crashes(20_002)) await store.index.add(entry)
  const { body } = await get('/shop?fieldSelector=spec.container=none')
  assert.deepEqual(body.items, [])
  store.listed = 0
  const { body: rest } = await get(
    `/shop?fieldSelector=spec.container=none&continue=${body.metadata.continue}`,
  )
  assert.equal(store.listed, 2)
  assert.equal(rest.metadata.continue, undefined)
})

it('a store that is away is a 503, and one that hides its reports leaves what the names say', async t => {
  const { get, store } = await servedWith(t, crashes(1))
  store.isAway = true
  const { code, body } = await get('/shop')
  assert.deepEqual(
    [code, body.reason, body.message],
    [503, 'ServiceUnavailable', 'the store does not answer'],
  )
})
