import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { it } from 'node:test'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const KEY = "shop/it's (a) *key*! with ünïcode & more/report.json"
const RANGE = { firstByte: 2, lastByte: 100 }

/** A store of which a connection has learned where its bucket is, and that has an object. */
async function learned(options: Parameters<typeof startFakeS3>[0] = {}) {
  const s3 = await startFakeS3(options)
  const store = s3StoreOf(s3)
  await store.put(KEY, [Buffer.from('0123456789')], 10)
  const agents = () => s3.seen('GetObject').map(({ headers }) => headers['user-agent']?.split('/')[0])
  const read = async (range = RANGE) => (await buffer(await store.get(KEY, range))).toString()
  return { s3, store, agents, read, [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose]() }
}

it('a range is read as it is signed, whatever is in its key', async () => {
  await using found = await learned()
  assert.equal(await found.read(), '23456789')
  assert.deepEqual(found.agents(), ['coredog'])
})

it('the SDK is asked for a whole object, of which it checks the sum', async () => {
  await using found = await learned()
  assert.equal((await buffer(await found.store.get(KEY))).toString(), '0123456789')
  assert.deepEqual(found.agents(), ['aws-sdk-js'])
})

it('what is not answered plainly the SDK asks for again', async () => {
  await using found = await learned()
  for (const fault of [faults.refuse(503, 'SlowDown', 'slow'), faults.say(200, 'all'), faults.loseAnswer()]) {
    found.s3.fail('GetObject', fault)
    assert.equal(await found.read(), '23456789')
  }
  assert.deepEqual(found.agents(), Array.from({ length: 3 }, () => ['coredog', 'aws-sdk-js']).flat())
})

it('what is not there is told as ever', async () => {
  await using found = await learned()
  await assert.rejects(found.store.get('shop/other', RANGE), { name: 'NotFoundError' })
  await assert.rejects(found.read({ firstByte: 50, lastByte: 60 }), { name: 'NoSuchBytesError' })
})

it('what is not there is asked for once, however often, and what is there is read as ever', async () => {
  await using found = await learned()
  for (let time = 0; time < 10; time += 1)
    await assert.rejects(found.store.get('shop/other', RANGE), { name: 'NotFoundError', status: 404 })
  assert.equal(await found.read(), '23456789')
  assert.deepEqual(
    found.agents(),
    Array.from({ length: 11 }, () => 'coredog'),
  )
})

it('what ends before the range is asked for once, however often', async () => {
  await using found = await learned()
  for (let time = 0; time < 10; time += 1)
    await assert.rejects(found.read({ firstByte: 50, lastByte: 60 }), {
      name: 'NoSuchBytesError',
      status: 416,
    })
  assert.equal(await found.read(), '23456789')
  assert.deepEqual(
    found.agents(),
    Array.from({ length: 11 }, () => 'coredog'),
  )
})

it('of another 404 or 416 the SDK says what it is', async () => {
  await using found = await learned()
  const long = `<Error>${' '.repeat(5000)}<Code>NoSuchKey</Code></Error>`
  for (const fault of [
    faults.refuse(404, 'NoSuchBucket', 'no bucket'),
    faults.say(404, long),
    faults.say(416, '<html>'),
  ]) {
    found.s3.fail('GetObject', fault)
    assert.equal(await found.read(), '23456789')
  }
  assert.deepEqual(found.agents(), Array.from({ length: 3 }, () => ['coredog', 'aws-sdk-js']).flat())
})

it('a store that lets the SDK through alone is soon asked by it alone, and tried again at times', async () => {
  const refused = faults.say(403, '<html>')
  let refuses = true
  await using found = await learned({
    faultOf: ({ headers }) => (refuses && headers['user-agent'] === 'coredog' ? refused : null),
  })
  const inVain = async (times: number) => {
    for (let time = 0; time < times; time += 1) assert.equal(await found.read(), '23456789')
    return found.agents().filter(agent => agent === 'coredog').length
  }
  assert.equal(await inVain(8 + 63), 8)
  refuses = false
  assert.equal(await inVain(3), 8 + 3)
})

it('a signal ends it before and while it is read', async () => {
  await using found = await learned()
  const gone = new AbortController()
  const body = await found.store.get(KEY, { ...RANGE, signal: gone.signal })
  gone.abort(new Error('gone'))
  await assert.rejects(buffer(body), /gone/)
  await assert.rejects(found.store.get(KEY, { ...RANGE, signal: gone.signal }))
})
