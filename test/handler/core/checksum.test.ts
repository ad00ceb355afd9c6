import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crc32 } from 'node:zlib'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { Checksum } from '../../../handler/core/checksum.ts'

const zeros = Buffer.alloc(BLOCK_BYTES)
const text = Buffer.from('what stood before')

it('Checksum is that of the bytes, whether its zeros were read or not', () => {
  const checksum = new Checksum()
  const expected: number[] = []
  const seen: number[] = []
  let value = 0
  for (const block of [zeros, zeros, text, zeros, Buffer.from([0xff]), zeros, zeros, text]) {
    value = crc32(block, value)
    expected.push(value)
    if (block === zeros) checksum.addZeroBlock()
    else checksum.add(block)
    seen.push(checksum.value)
  }
  assert.deepEqual(seen, expected)
})
