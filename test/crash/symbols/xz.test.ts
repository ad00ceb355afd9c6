import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Effort } from '../../../crash/symbols/effort.ts'
import { unxz } from '../../../crash/symbols/xz.ts'
import { inputs } from '../../inputs.ts'
import { compressedFixture, fixture } from './fixture.ts'
import { mutated } from './mutated.ts'

const KINDS = ['fast', 'best', 'blocks', 'two-threads', 'properties']
const WHOLE = fixture('functions-x86_64.so')
const plenty = () => new Effort(Number.POSITIVE_INFINITY)

for (const kind of KINDS)
  it(`unxz() has what xz compressed: ${kind}`, () => {
    const compressed = compressedFixture(kind)
    assert.deepEqual(unxz(compressed, WHOLE.length, plenty()), WHOLE)
    assert.equal(unxz(compressed, WHOLE.length - 1, plenty()), null)
  })

it('unxz() has nothing of what is cut off', () => {
  const compressed = compressedFixture('blocks')
  // The index and the footer, of which only the first byte is looked at.
  for (let length = 0; length < compressed.length - 64; length += 7)
    assert.equal(unxz(compressed.subarray(0, length), WHOLE.length, plenty()), null)
})

it('unxz() throws nothing and has no more than it may, whatever the bytes', () => {
  const files = fc.oneof(...KINDS.map(kind => mutated(compressedFixture(kind))))
  fc.assert(
    fc.property(files, file => {
      assert.ok((unxz(file, 2 * WHOLE.length, plenty())?.length ?? 0) <= 2 * WHOLE.length)
    }),
    inputs(300),
  )
})
