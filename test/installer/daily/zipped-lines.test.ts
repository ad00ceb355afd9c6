import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { unzipped, zipped } from '../../../installer/daily/zipped-lines.ts'
import { inputs } from '../../inputs.ts'
import { all } from '../../storage/bodies.ts'

async function linesIn(...chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  return await all(unzipped(Readable.from(chunks)))
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

const line = fc.string({ unit: 'binary', maxLength: 200 }).filter(text => !/[\n\ud800-\udfff]/.test(text))

it('unzipped() reads the lines that zipped() wrote', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), async lines => {
      const file = await all(zipped(each(lines)))
      assert.deepEqual(await linesIn(...file), lines)
    }),
    inputs(),
  )
})

it('unzipped() ends where a file is damaged, whatever is in it', async () => {
  const whole = gzipSync('one\ntwo\n'.repeat(1000))
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 50 }), async (at, bytes) => {
      const lines = await linesIn(whole.subarray(0, at), bytes)
      assert.ok(lines.length <= 2001)
    }),
    inputs(),
  )
})

it('unzipped() gives no line that is longer than any of ours, and none without an end', async () => {
  assert.deepEqual(await linesIn(gzipSync(`one\n${'x'.repeat(20_000)}\ntwo\nthree`)), ['one', 'two'])
  const endless = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'))
  assert.deepEqual(await linesIn(gzipSync('one\n'), endless), ['one'])
})

it('zipped() fails as its lines do, and unzipped() as the store does', async () => {
  async function* failing() {
    yield 'one'
    throw new Error('lost')
  }
  await assert.rejects(all(zipped(failing())), /lost/)
  async function* torn() {
    yield gzipSync('one\n'.repeat(1000)).subarray(0, 20)
    throw new Error('reset')
  }
  await assert.rejects(all(unzipped(Readable.from(torn()))), /reset/)
})

it('who stops reading has what is read closed', async () => {
  const file = Readable.from([gzipSync('one\n'.repeat(1000))])
  for await (const _ of unzipped(file)) break
  assert.equal(file.destroyed, true)
  const closed = Promise.withResolvers<void>()
  async function* lines() {
    try {
      for (;;) yield 'x'.repeat(1000)
    } finally {
      closed.resolve()
    }
  }
  for await (const _ of zipped(lines())) break
  await closed.promise
})
