import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { it } from 'node:test'
import { capacity } from '../../../api/capacity.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { eventually } from '../eventually.ts'
import { type Served, serve } from '../served.ts'
import { CORE, ENTRY, storeCrash } from '../stored-crash.ts'

const KEY = `${indexedFolder(ENTRY)}/core.gz`
const SHA256 = createHash('sha256').update(CORE).digest()

it('proxy is the stored core, with what a client needs to check it and to go on with it', async t => {
  const served = await serve(t)
  const core = { key: 'dir/elsewhere', sha256: SHA256.toString('hex'), complete: true }
  const path = await storeCrash(served, { report: { core } })
  const answer = await fetch(`${served.url}${path}/proxy`, { headers: { user: 'ann' } })
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), CORE)
  const { headers } = answer
  assert.equal(headers.get('content-type'), 'application/gzip')
  assert.equal(headers.get('content-length'), String(CORE.length))
  assert.equal(headers.get('content-disposition'), 'attachment; filename="core.3f2a9c01d4e5.gz"')
  assert.equal(headers.get('repr-digest'), `sha-256=:${SHA256.toString('base64')}:`)
  assert.equal(headers.get('coredog-incomplete'), null)
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  const { user, groups, namespace, name, what, bytes, outcome } = line
  const told = { user, groups, namespace, name, what, bytes, outcome }
  const crash = { namespace: 'shop', name: '20261128t042117z-3f2a9c01d4e5' }
  const whole = { what: 'core', bytes: CORE.length, outcome: 'complete' }
  assert.deepEqual(told, { user: 'ann', groups: ['shop-team'], ...crash, ...whole })
  assert.equal(served.store.open, 0)
})

it('proxy gives ranges, all of it where the object is another one, and says which ranges there are none', async t => {
  const served = await serve(t)
  const url = `${served.url}${await storeCrash(served, { file: 'core.zst' })}/proxy`
  const part = await fetch(url, { headers: { range: 'bytes=199990-' } })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), 'bytes 199990-199999/200000')
  assert.equal(part.headers.get('content-type'), 'application/zstd')
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), CORE.subarray(199_990))
  const etag = part.headers.get('etag') ?? ''
  const again = { range: 'bytes=0-9' }
  assert.equal((await fetch(url, { headers: { ...again, 'if-range': etag } })).status, 206)
  assert.equal((await fetch(url, { headers: { ...again, 'if-range': '"another"' } })).status, 200)
  const none = await fetch(url, { headers: { range: 'bytes=200000-' } })
  assert.equal(none.status, 416)
  assert.equal(none.headers.get('content-range'), 'bytes */200000')
})

it('HEAD says what GET would, and reads nothing', async t => {
  const served = await serve(t)
  const url = `${served.url}${await storeCrash(served)}/proxy`
  const answer = await fetch(url, { method: 'HEAD' })
  assert.equal(answer.headers.get('content-length'), '200000')
  assert.equal(await answer.text(), '')
  assert.ok(served.store.given < CORE.length)
})

it('a core of which a part is missing is served, and said to be so', async t => {
  const served = await serve(t)
  const core = { key: 'k', complete: false, incompleteReason: 'the node went down\r\nset-cookie: 雪' }
  const answer = await fetch(`${served.url}${await storeCrash(served, { report: { core } })}/proxy`)
  assert.equal(answer.headers.get('coredog-incomplete'), 'the node went down\\x0d\\nset-cookie: ?')
  assert.equal((await answer.arrayBuffer()).byteLength, CORE.length)
})

it('a store that breaks off is asked again behind what it gave', async t => {
  const served = await serve(t)
  served.store.breaks.set(KEY, [50_000, 120_001])
  const answer = await fetch(`${served.url}${await storeCrash(served)}/proxy`)
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), CORE)
})

it('a store that gives no more destroys the connection, so that half of a core never looks whole', async t => {
  const served = await serve(t)
  served.store.get = broken(served.store, 50_000)
  const answer = await fetch(`${served.url}${await storeCrash(served)}/proxy`)
  await assert.rejects(answer.arrayBuffer(), /terminated/)
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  assert.equal(line.outcome, 'store broke off')
  assert.equal(served.store.open, 0)
})

it('an object that is another one meanwhile is not sent behind the first', async t => {
  const served = await serve(t)
  const url = `${served.url}${await storeCrash(served, { core: Buffer.alloc(64 << 20) })}/proxy`
  served.store.breaks.set(KEY, [60 << 20])
  const answer = await answerTo(url)
  served.store.storedAt.set(KEY, new Date('2026-11-28T13:00:00Z'))
  await assert.rejects(answer.toArray())
})

it('a client that does not read holds the stream of the store, and is let go in the end', async t => {
  const large = Buffer.alloc(64 << 20)
  const served = await serve(t, { options: { idleSeconds: 0.2 } })
  const url = `${served.url}${await storeCrash(served, { core: large })}/proxy`
  await answerTo(url)
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  assert.equal(line.outcome, 'client stalled')
  assert.ok(served.store.given < 32 << 20, `${served.store.given} bytes were read ahead`)
  assert.equal(served.store.open, 0)
})

it('a client that goes ends the stream of the store', async t => {
  const served = await serve(t)
  const url = `${served.url}${await storeCrash(served, { core: Buffer.alloc(64 << 20) })}/proxy`
  const answer = await answerTo(url)
  answer.destroy()
  const line = await eventually(() => served.lines.find(({ msg }) => msg === 'download'))
  assert.equal(line.outcome, 'client gone')
  await eventually(() => served.store.open === 0 || undefined)
})

it('of a thousand downloads of two users some are served at once, and the others are told to come again', async t => {
  const served = await serve(t)
  const url = `${served.url}${await storeCrash(served, { core: Buffer.alloc(16 << 20) })}/proxy`
  // Nobody reads, so that all of them go on at once.
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, at) => answerTo(url, { user: at % 2 === 0 ? 'ann' : 'ben' })),
  )
  const of = (status: number) => answers.filter(({ statusCode }) => statusCode === status)
  assert.deepEqual([of(200).length, of(429).length], [20, 980])
  assert.ok(of(429).every(({ headers }) => headers['retry-after'] === '5'))
  for (const answer of answers) answer.destroy()
  await eventually(() => served.store.open === 0 || undefined)
})

it('what goes on under a configuration of before counts', async t => {
  const options = { capacity: capacity({ downloads: 1 }) }
  const before = await serve(t, { options })
  const path = `${await storeCrash(before, { core: Buffer.alloc(16 << 20) })}/proxy`
  const held = await answerTo(before.url + path)
  const { url } = await serve(t, { options, store: before.store })
  assert.equal((await answerTo(url + path)).statusCode, 429)
  held.destroy()
  await eventually(() => before.store.open === 0 || undefined)
  const next = await answerTo(url + path)
  assert.equal(next.statusCode, 200)
  next.destroy()
})

async function answerTo(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = httpRequest(url, { headers, agent: false })
  request.end()
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return answer.on('error', () => undefined)
}

/** A store whose objects end behind so many bytes, whatever is asked for. */
function broken(store: Served['store'], at: number): Served['store']['get'] {
  const get = store.get.bind(store)
  return async (key, options) => {
    if (key === KEY) store.breaks.set(KEY, [Math.max(at, options?.firstByte ?? 0)])
    return await get(key, options)
  }
}
