import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { BytePatterns } from '../../untrusted/byte-patterns.ts'
import { inputs } from '../inputs.ts'

/** What is found in `bytes`, as beginnings and ends. */
function foundIn(bytes: Buffer, patterns: BytePatterns, from = 0, to = bytes.length): readonly number[][] {
  const found: number[][] = []
  patterns.find(bytes, from, to, (start, end) => found.push([start, end]))
  return found
}

/** The same, looked for in the simplest way. */
function expectedIn(
  bytes: Buffer,
  patterns: readonly Buffer[],
  from: number,
  to: number,
): readonly number[][] {
  const longestAt = (at: number) =>
    Math.max(...patterns.map(one => (bytes.subarray(at, at + one.length).equals(one) ? one.length : 0)))
  const starts = Array.from(
    { length: Math.max(0, Math.min(to, bytes.length) - from) },
    (_, index) => from + index,
  )
  return starts.map(at => [at, at + longestAt(at)]).filter(([at = 0, end = 0]) => end > at)
}

// Of two letters, so that they meet, overlap, and begin with each other.
const letters = (minLength: number, maxLength: number) =>
  fc.uint8Array({ max: 1, minLength, maxLength }).map(bytes => Buffer.from(bytes))

it('find() finds each pattern that is there whole, the longest at each place, wherever memory begins', () => {
  const parts = { patterns: fc.array(letters(8, 14), { minLength: 1 }), bytes: letters(0, 300) }
  const where = { skipped: fc.nat(7), from: fc.nat(40), length: fc.nat(300) }
  fc.assert(
    fc.property(fc.record({ ...parts, ...where }), ({ patterns, bytes, skipped, from, length }) => {
      const memory = Buffer.from(new ArrayBuffer(skipped + bytes.length), skipped)
      bytes.copy(memory)
      const to = Math.min(memory.length, from + length)
      assert.deepEqual(
        foundIn(memory, new BytePatterns(patterns), from, to),
        expectedIn(memory, patterns, from, to),
      )
    }),
    inputs(2000),
  )
})

it('find() finds nothing without patterns, and none in less than a word', () => {
  assert.deepEqual(foundIn(Buffer.from('hunter2hunter2'), new BytePatterns([])), [])
  assert.deepEqual(foundIn(Buffer.from('hun'), new BytePatterns([Buffer.from('hunter2hunter2')])), [])
})

it('find() gives up where somebody has made memory and patterns such that all has to be compared', () => {
  const patterns = Array.from({ length: 16 }, (_, index) => Buffer.from(`${'a'.repeat(4000 + index)}b`))
  const search = new BytePatterns(patterns)
  const memory = Buffer.alloc(1 << 20, 'a')
  assert.deepEqual(foundIn(memory, search), [])
  assert.equal(search.isExhausted, true)
  assert.deepEqual(foundIn(patterns[0] ?? assert.fail(), search), [])
})

it('find() does not give up where memory is full of what it looks for', () => {
  const search = new BytePatterns([Buffer.from('open-sesame')])
  const memory = Buffer.alloc(4 << 20, 'open-sesame')
  assert.equal(foundIn(memory, search).length, Math.floor(memory.length / 11))
  assert.equal(search.isExhausted, false)
})
