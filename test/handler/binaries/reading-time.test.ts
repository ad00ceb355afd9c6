import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ReadingTime } from '../../../handler/binaries/reading-time.ts'

const NEVER = new AbortController().signal

it('ReadingTime gives what a read gives, and its error', async () => {
  const time = new ReadingTime(60, NEVER)
  assert.equal(await time.of(async () => 7), 7)
  await assert.rejects(
    time.of(() => Promise.reject(new Error('EIO'))),
    /EIO/,
  )
})

it('ReadingTime waits no longer for a read that hangs, and for none behind it', async () => {
  const time = new ReadingTime(0.01, NEVER)
  const hung = Promise.withResolvers<never>()
  const said = /reading it took longer than 0.01 s/
  await assert.rejects(
    time.of(() => hung.promise),
    said,
  )
  await assert.rejects(
    time.of(() => assert.fail('it was read')),
    said,
  )
  hung.reject(new Error('it came back'))
})

it('ReadingTime is over for all reads when it is not wanted any more', async () => {
  const late = new AbortController()
  const time = new ReadingTime(60, late.signal)
  const hung = Promise.withResolvers<number>()
  const asked = time.of(() => hung.promise)
  late.abort(new Error('it took too long'))
  await assert.rejects(asked, /it took too long/)
  await assert.rejects(
    time.of(() => assert.fail('it was read')),
    /it took too long/,
  )
  hung.resolve(0)
})
