import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { crashAt, crashes } from './crashes.ts'
import { served, TABLE } from './served.ts'

/** A world with three crashes, and the version of a list of them. */
async function listed(t: TestContext) {
  const world = await served(t)
  for (const entry of crashes(3)) await world.store.keep(entry)
  const { body } = await world.get('/shop')
  return { ...world, version: body.metadata.resourceVersion as string }
}

const crashNow = (id: string, more = {}) =>
  crashAt(new Date().toISOString().replace(/\.\d+/, ''), { id: id.padEnd(12, 'b'), ...more })

it('a watch from a list has what is stored since, once, and nothing of others', async t => {
  const { store, watch, version } = await listed(t)
  await store.keep(crashNow('00011', { pod: 'between' }))
  const { nextOf, code, leave } = await watch(`/shop?watch=true&resourceVersion=${version}`)
  assert.equal(code, 200)
  assert.equal((await nextOf('ADDED')).spec.pod.name, 'between')
  await store.keep(crashNow('00012', { pod: 'elsewhere', namespace: 'pay' }))
  await store.keep(crashNow('00013', { pod: 'another', cluster: 'test' }))
  await store.keep(crashNow('00014', { pod: 'later' }), { crash: { reasonCode: 'NullPointer' } })
  const later = await nextOf('ADDED')
  assert.equal(later.spec.pod.name, 'later')
  assert.equal(later.status.reasonCode, 'NullPointer')
  leave()
})

it('what is stored hours after it crashed is told, too', async t => {
  const { store, watch, version } = await listed(t)
  const { nextOf, leave } = await watch(`/shop?watch=true&resourceVersion=${version}`)
  const time = new Date(Math.floor(Date.now() / 1000 - 20 * 3600) * 1000)
  await store.keep(crashNow('00021', { pod: 'spooled', time }))
  assert.equal((await nextOf('ADDED')).spec.pod.name, 'spooled')
  leave()
})

it('a client goes on from each event and each bookmark, at a server that knows nothing of it', async t => {
  const { store, watch, version } = await listed(t)
  for (const id of ['00031', '00032', '00033']) await store.keep(crashNow(id, { pod: id }))
  const first = await watch(`/shop?watch=true&resourceVersion=${version}`)
  const told = [await first.nextOf('ADDED'), await first.nextOf('ADDED')]
  first.leave()
  const after = told.at(-1).metadata.resourceVersion
  const second = await watch(`/shop?watch=true&allowWatchBookmarks=true&resourceVersion=${after}`)
  told.push(await second.nextOf('ADDED'))
  assert.deepEqual(told.map(({ spec }) => spec.pod.name).sort(), ['00031', '00032', '00033'])
  const bookmark = await second.nextOf('BOOKMARK')
  assert.deepEqual(Object.keys(bookmark), ['kind', 'apiVersion', 'metadata'])
  second.leave()
  await store.keep(crashNow('00034', { pod: '00034' }))
  const third = await watch(`/shop?watch=true&resourceVersion=${bookmark.metadata.resourceVersion}`)
  assert.equal((await third.nextOf('ADDED')).spec.pod.name, '00034')
  third.leave()
})

for (const version of ['', '0'])
  it(`a watch from version "${version}" has all that there are first, then what comes`, async t => {
    const { store, watch } = await listed(t)
    const { nextOf, leave } = await watch(`/?watch=true&resourceVersion=${version}`)
    const pods = [await nextOf('ADDED'), await nextOf('ADDED'), await nextOf('ADDED')].map(
      one => one.spec.pod.name,
    )
    assert.deepEqual(pods, ['checkout-2', 'checkout-1', 'checkout-0'])
    await store.keep(crashNow('00041', { pod: 'later' }))
    assert.equal((await nextOf('ADDED')).spec.pod.name, 'later')
    leave()
  })

it('selectors count for watches, and a table has a row for each event', async t => {
  const { store, watch, version } = await listed(t)
  const query = `fieldSelector=spec.container=app&labelSelector=coredog.io/pod=b&resourceVersion=${version}`
  const { nextOf, leave } = await watch(`/shop?watch=true&${query}`, TABLE)
  await store.keep(crashNow('00051', { pod: 'a' }))
  await store.keep(crashNow('00052', { pod: 'b', container: 'sidecar' }))
  await store.keep(crashNow('00053', { pod: 'b' }))
  const table = await nextOf('ADDED')
  assert.equal(table.kind, 'Table')
  assert.equal(table.rows.length, 1)
  assert.match(table.rows[0].cells[0], /-00053b{7}$/)
  leave()
})

it('crashes that are not for the user are told to nobody else', async t => {
  const created = new Date(Date.now() + 3_600_000)
  const { store, watch } = await served(t, {
    mayDo: async () => false,
    namespaceCreated: async name => (name === 'new' ? created : new Date(0)),
  })
  const { nextOf, leave } = await watch('/?watch=true')
  await store.keep(crashNow('00061', { namespace: 'new', pod: 'hidden' }))
  await store.keep(crashNow('00062', { pod: 'seen' }))
  assert.equal((await nextOf('ADDED')).spec.pod.name, 'seen')
  leave()
})

for (const [query, code] of [
  ['resourceVersion=1', 410],
  ['resourceVersion=x', 400],
  ['resourceVersion=0&sendInitialEvents=true', 422],
  ['timeoutSeconds=x', 400],
  ['labelSelector=a in', 400],
  ['includeObject=x', 400],
] as const)
  it(`a watch with ${query} is refused with ${code}`, async t => {
    const { get } = await served(t)
    assert.equal((await get(`/shop?watch=true&${query}`)).code, code)
  })

it('a watch ends when its time is over', async t => {
  const { watch, version } = await listed(t)
  const { next } = await watch(`/shop?watch=true&timeoutSeconds=1&resourceVersion=${version}`)
  assert.equal(await next(), null)
})

it('a store that fails while all is told ends the watch with an event that says so', async t => {
  const { store, watch } = await listed(t)
  store.isAway = true
  const { next } = await watch('/shop?watch=true')
  const { type, object } = await next()
  assert.equal(type, 'ERROR')
  assert.equal(object.kind, 'Status')
  assert.equal(object.code, 503)
  assert.equal(await next(), null)
})

it('a watch goes on when the store comes back', async t => {
  const { store, watch, version } = await listed(t)
  store.isAway = true
  const { nextOf, leave } = await watch(`/shop?watch=true&resourceVersion=${version}`)
  await store.keep(crashNow('00071', { pod: 'later' }))
  store.isAway = false
  assert.equal((await nextOf('ADDED')).spec.pod.name, 'later')
  leave()
})
