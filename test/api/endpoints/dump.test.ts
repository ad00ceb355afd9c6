import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it, type TestContext } from 'node:test'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { eventually } from '../eventually.ts'
import { type Served, serve } from '../served.ts'
import { CORE, ENTRY, storeCrash } from '../stored-crash.ts'

const BELOW = '/apis/coredump.fujitsu.com/v1alpha1/namespaces'
const MEMBER = 'app/checkout-20261128T042117Z-4242/core.gz'
const OTHER = { ...ENTRY, id: 'aaaaaaaaaaaa', podUid: '1234-5678', pid: 7 } as const

it('dump has the cores of a pod, each in a folder of its crash, and no path is absolute', async t => {
  const served = await withCrashes(t)
  const { status, headers, bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump?container=app')
  assert.deepEqual([status, headers.get('content-type')], [200, 'application/x-gtar'])
  assert.deepEqual(namesIn(bytes), [MEMBER, 'app/checkout-20261128T042117Z-7/core.gz'])
  assert.ok(memberOf(bytes, MEMBER).equals(CORE))
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  assert.deepEqual([line.user, line.name, line.what, line.outcome], ['ann', 'web-0', 'dump', 'complete'])
  assert.equal(served.store.open, 0)
})

it('dump of all containers has them below the UID of the pod', async t => {
  const served = await withCrashes(t)
  await storeCrash(served, { entry: { id: 'bbbbbbbbbbbb', container: 'sidecar' } })
  const { bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump')
  assert.equal(namesIn(bytes).filter(name => name.startsWith(`${ENTRY.podUid}/sidecar/`)).length, 1)
  assert.ok(namesIn(bytes).includes(`${ENTRY.podUid}/${MEMBER}`))
  assert.ok(namesIn(bytes).includes('1234-5678/app/checkout-20261128T042117Z-7/core.gz'))
})

it('two crashes of one second and pid are two files', async t => {
  const served = await serve(t)
  await storeCrash(served)
  await storeCrash(served, { entry: { id: 'aaaaaaaaaaaa' } })
  const { bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump?container=app')
  assert.equal(new Set(namesIn(bytes)).size, 2)
})

it('an endpoint with the UID of a pod chooses among those of one name', async t => {
  const served = await withCrashes(t)
  assert.equal((await create(served, 'shop', { poduid: '1234-5678' })).status, 201)
  const { bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump?container=app')
  assert.deepEqual(namesIn(bytes), ['app/checkout-20261128T042117Z-7/core.gz'])
})

it('a pod without cores is 404, and so is a namespace that is another one now', async t => {
  const served = await withCrashes(t)
  await storeCrash(served, { entry: { namespace: 'gone' } })
  const old = new Date('2025-01-01T00:00:00Z')
  await storeCrash(served, { entry: { id: 'cccccccccccc', pod: 'old', time: old } })
  const paths = ['web-1', 'old', 'web-0/dump?container=x'].map(rest => `shop/coredumpendpoints/${rest}`)
  for (const path of [...paths, 'gone/coredumpendpoints/web-0', 'bank/coredumpendpoints/web-0'])
    await refused(served, path.includes('/dump') ? path : `${path}/dump`, 404)
})

it('a container that is none is refused', async t => {
  const served = await withCrashes(t)
  const hostile = [
    '../../bank/x',
    '..',
    '.',
    'a/b',
    'a%00',
    'a%0a',
    'x'.repeat(200),
    '%2e%2e%2f',
    '_none',
    '\\',
  ]
  for (const container of hostile) {
    const { status } = await dump(served, `shop/coredumpendpoints/web-0/dump?container=${container}`)
    assert.ok([400, 404].includes(status), `${container}: ${status}`)
  }
  assert.ok(served.store.asked.every(key => !key.includes('..') && !key.startsWith('bank')))
})

it('what would take longer than the API server waits is refused with the line that gets it', async t => {
  const served = await serve(t, { options: { dumpBytesPerSecond: 1000, mostDumpSeconds: 50 } })
  await storeCrash(served)
  const { status, bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump')
  const { message, reason } = JSON.parse(bytes.toString())
  assert.deepEqual([status, reason], [413, 'RequestEntityTooLarge'])
  assert.match(message, /kubectl coredog get 3f2a9c01d4e5 -n shop$/)
  assert.ok(!served.store.asked.some(key => key.endsWith('core.gz')))
})

it('a store that breaks off for good breaks the connection, and no tar looks whole', async t => {
  const served = await withCrashes(t)
  const get = served.store.get.bind(served.store)
  const key = `${indexedFolder(ENTRY)}/core.gz`
  served.store.get = async (asked, options) => {
    if (asked === key) served.store.breaks.set(key, [Math.max(100_000, options?.firstByte ?? 0)])
    return await get(asked, options)
  }
  const answer = await fetch(`${served.url}${BELOW}/shop/coredumpendpoints/web-0/dump`)
  await assert.rejects(answer.arrayBuffer(), /terminated/)
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  assert.equal(line.outcome, 'store broke off')
  await eventually(() => served.store.open === 0 || undefined)
})

it('an object that is gone before it begins is 404, and one that goes behind the first breaks off', async t => {
  const served = await withCrashes(t)
  served.store.objects.delete(`${indexedFolder(ENTRY)}/core.gz`)
  const { bytes } = await dump(served, 'shop/coredumpendpoints/web-0/dump?container=app')
  assert.deepEqual(namesIn(bytes), ['app/checkout-20261128T042117Z-7/core.gz'])
  served.store.objects.delete(`${indexedFolder(OTHER)}/core.gz`)
  await refused(served, 'shop/coredumpendpoints/web-0/dump', 404)
})

it('endpoints are created, got, listed and deleted, as a client of Kubernetes expects', async t => {
  const served = await withCrashes(t)
  const made = await create(served, 'shop', '1234-5678')
  assert.equal(made.status, 201)
  const { metadata, spec } = (await made.json()) as { metadata: { name: string; uid: string }; spec: unknown }
  assert.deepEqual([metadata.name, spec], ['web-0', { poduid: '1234-5678' }])
  assert.deepEqual(
    [...served.store.objects.keys()].filter(key => key.startsWith('_endpoints/')),
    ['_endpoints/east/shop/web-0'],
  )
  assert.equal((await create(served, 'shop', '1234-5678')).status, 409)
  const url = `${served.url}${BELOW}/shop/coredumpendpoints`
  assert.equal(
    ((await (await fetch(`${url}/web-0`)).json()) as typeof made & { metadata: { uid: string } }).metadata
      .uid,
    metadata.uid,
  )
  assert.equal(((await (await fetch(url)).json()) as { items: unknown[] }).items.length, 1)
  assert.equal((await fetch(`${url}/web-0`, { method: 'DELETE' })).status, 200)
  for (const method of ['GET', 'DELETE']) assert.equal((await fetch(`${url}/web-0`, { method })).status, 404)
})

it('an endpoint that is none is refused, and no key is made of it', async t => {
  const served = await withCrashes(t)
  for (const uid of ['../x', 'a/b', 'x'.repeat(64), 7, '..', { poduid: '../victim/1' }, ['x']])
    assert.equal((await create(served, 'shop', uid)).status, 422, JSON.stringify(uid))
  for (const name of ['..', 'a/b', '_x', 'A', '', 'x'.repeat(254)])
    assert.equal((await create(served, 'shop', null, { name })).status, 422, name)
  assert.equal((await create(served, 'shop', null, { name: 'a', namespace: 'bank' })).status, 400)
  assert.equal((await create(served, 'gone', null)).status, 404)
  assert.ok(![...served.store.objects.keys()].some(key => key.startsWith('_endpoints/')))
})

it('an endpoint that somebody else wrote into the store is none', async t => {
  const served = await withCrashes(t)
  for (const text of [
    '{',
    '{"poduid":"../../bank"}',
    '[]',
    'x'.repeat(9000),
    JSON.stringify({ uid: '1', created: 'x' }),
  ]) {
    served.store.set('_endpoints/east/shop/web-0', text)
    await refused(served, 'shop/coredumpendpoints/web-0', 404)
  }
})

it('a namespace has so many endpoints, and no more', async t => {
  const served = await withCrashes(t)
  for (let at = 0; at < 200; at++) await create(served, 'shop', null, { name: `pod-${at}` })
  assert.equal((await create(served, 'shop', null)).status, 403)
})

async function withCrashes(t: TestContext): Promise<Served> {
  const served = await serve(t)
  await storeCrash(served)
  await storeCrash(served, { entry: OTHER })
  await storeCrash(served, { entry: { id: 'dddddddddddd', pod: 'web-00' } })
  return served
}

async function create(
  { url }: Served,
  namespace: string,
  spec: unknown,
  metadata: object = { name: 'web-0' },
) {
  const endpoint = { apiVersion: 'coredump.fujitsu.com/v1alpha1', kind: 'CoredumpEndpoint', metadata, spec }
  return await fetch(`${url}${BELOW}/${namespace}/coredumpendpoints`, {
    method: 'POST',
    body: JSON.stringify(endpoint),
  })
}

async function dump({ url }: Served, path: string) {
  const answer = await fetch(`${url}${BELOW}/${path}`)
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}

async function refused(served: Served, path: string, code: number): Promise<void> {
  const { status, bytes } = await dump(served, path)
  assert.deepEqual([status, JSON.parse(bytes.toString()).kind], [code, 'Status'], path)
}

function namesIn(archive: Buffer): string[] {
  return memberOf(archive, '-t').toString().trim().split('\n')
}

/** Or, for `-t`, the names of all. */
function memberOf(archive: Buffer, name: string): Buffer {
  const args = name === '-t' ? ['-tzf', '-'] : ['-xzOf', '-', name]
  const { stdout, stderr, status } = spawnSync('tar', args, { input: archive, maxBuffer: 1 << 26 })
  assert.equal(status, 0, String(stderr))
  return stdout
}
