import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { Checksum } from '../../../handler/core/checksum.ts'
import { inputs } from '../../inputs.ts'

function joined(blocks: readonly Uint8Array[]): number {
  const checksum = new Checksum()
  for (const block of blocks) checksum.add(crc32(block), block.length)
  return checksum.value
}

it('Checksum is that of the bytes, joined of those of whole blocks and of shorter ones', () => {
  const zeros = Buffer.alloc(BLOCK_BYTES)
  const text = Buffer.from('what stood before')
  const noise = Buffer.alloc(BLOCK_BYTES, 'anything else; ')
  const blocks = [zeros, zeros, text, zeros, noise, Buffer.from([0xff]), Buffer.alloc(0), zeros, noise, text]
  assert.equal(joined(blocks), crc32(Buffer.concat(blocks)))
})

it('Checksum is that of the bytes, whatever they are and wherever they are cut', () => {
  const block = fc.uint8Array({ maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(fc.array(block, { maxLength: 20 }), blocks => {
      assert.equal(joined(blocks), crc32(Buffer.concat(blocks)))
    }),
    inputs(300),
  )
})
