import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import fc from 'fast-check'
import { type CoreRange, keepOnly } from '../../crash/core-range.ts'
import { inputs } from '../inputs.ts'

it('keepOnly() leaves the ranges as they are, and nothing else, however the core is cut into blocks', () => {
  const range = fc.record({ offset: fc.nat(300), lengthBytes: fc.nat(60) })
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), fc.integer({ min: 1, max: 70 }), (some, blockBytes) => {
      const core = randomBytes(256).map(byte => byte || 1)
      const ranges = apart(some)
      const thinned = Buffer.from(core)
      let leftOutBytes = 0
      for (let at = 0; at < core.length; at += blockBytes)
        leftOutBytes += keepOnly(ranges, thinned.subarray(at, at + blockBytes), at)
      const expected = core.map((byte, at) => (isIn(ranges, at) ? byte : 0))
      assert.deepEqual([...thinned], [...expected])
      assert.equal(leftOutBytes, expected.filter(byte => byte === 0).length)
    }),
    inputs(),
  )
})

function apart(ranges: readonly CoreRange[]): readonly CoreRange[] {
  let end = -1
  return ranges
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ offset, lengthBytes }) => {
      if (offset <= end) return false
      end = offset + lengthBytes
      return true
    })
}

function isIn(ranges: readonly CoreRange[], at: number): boolean {
  return ranges.some(({ offset, lengthBytes }) => at >= offset && at < offset + lengthBytes)
}
