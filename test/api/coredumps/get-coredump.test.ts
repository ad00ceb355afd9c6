import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crashAt } from './crashes.ts'
import { served, TABLE } from './served.ts'

const NAME = '20261121t042117z-3f2a9c01d4e5'

it('a crash is got by two requests to the store', async t => {
  const { get, store } = await served(t)
  await store.keep(crashAt('2026-11-21T04:21:17Z'), { crash: { reasonCode: 'NullPointer' } })
  store.asked.length = 0
  const { code, body } = await get(`/shop/${NAME}`)
  assert.equal(code, 200)
  assert.equal(body.metadata.name, NAME)
  assert.equal(body.status.reasonCode, 'NullPointer')
  assert.deepEqual(store.asked, ['list', 'get'])
  assert.equal((await get(`/shop/${NAME}`, TABLE)).body.rows.length, 1)
})

it('one of another namespace, of another cluster, of before the Namespace, or of no name of ours is not found', async t => {
  const { get, store } = await served(t, {
    namespaceCreated: async name => (name === 'new' ? new Date() : new Date(0)),
    mayDo: async () => false,
  })
  for (const more of [{}, { namespace: 'test', cluster: 'test' }, { namespace: 'new' }])
    await store.keep(crashAt('2026-11-21T04:21:17Z', more))
  assert.equal((await get(`/shop/${NAME}`)).code, 200)
  for (const path of [
    `/pay/${NAME}`,
    `/test/${NAME}`,
    `/new/${NAME}`,
    '/shop/x',
    '/shop/..%2Fpay',
    '/shop/%00',
  ])
    assert.deepEqual(Object.entries((await get(path)).body).slice(0, 3), [
      ['kind', 'Status'],
      ['code', 404],
      ['reason', 'NotFound'],
    ])
})
