import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { bufferCount, MAX_PARTS, partSizeBytes } from '../../../storage/parts/part-size.ts'
import { inputs } from '../../inputs.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
const TIB = 1024 ** 4

const sizes = [
  { bound: 0, part: 8 * MIB },
  { bound: 2 * GIB, part: 8 * MIB },
  { bound: 78 * GIB, part: 8 * MIB },
  { bound: 79 * GIB, part: 9 * MIB },
  { bound: TIB, part: 105 * MIB },
  { bound: 48 * TIB, part: 5039 * MIB },
  { bound: Number.MAX_SAFE_INTEGER, part: 5 * GIB },
]
for (const { bound, part } of sizes) {
  it(`partSizeBytes() of ${bound} bytes is ${part / MIB} MiB`, () => assert.equal(partSizeBytes(bound), part))
}

it('partSizeBytes() takes every core that S3 takes in 10,000 parts, even when compressing it fails', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 48 * TIB }), bound => {
      const part = partSizeBytes(bound)
      assert.ok(part >= 8 * MIB && part <= 5 * GIB && part % MIB === 0)
      assert.ok(Math.ceil((bound * 1.001) / part) <= MAX_PARTS)
    }),
    inputs(2000),
  )
})

it('bufferCount() keeps at least one part in memory, and no more than 96 MiB of several', () => {
  assert.deepEqual(
    [8, 32, 33, 48, 49, 5120].map(mib => bufferCount(mib * MIB)),
    [3, 3, 2, 2, 1, 1],
  )
})
