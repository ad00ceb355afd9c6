import assert from 'node:assert/strict'
import { it } from 'node:test'
import { EndlessPipe, headOf, stampAt } from '../../bench/endless-pipe.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { BLOCK_BYTES } from '../../handler/core/block.ts'

const TIB = 2 ** 40

it('the head announces all of the core', () => {
  const head = headOf(TIB)
  const read = readCoreHead(head)
  assert.ok('head' in read)
  assert.equal(read.head.endBytes, head.length + TIB)
})

it('a pipe has the head, blocks that say which they are, and ends where the head says', async () => {
  const pipe = new EndlessPipe(2.5 * BLOCK_BYTES, 'random')
  const ring = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)] as const
  const lengths: number[] = []
  const begins: bigint[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    const block = ring[turn % 2]!
    lengths.push(await pipe.fill(block))
    begins.push(block.readBigUInt64LE(0))
  }
  const last = pipe.endBytes - 2 * BLOCK_BYTES
  assert.deepEqual(lengths, [BLOCK_BYTES, BLOCK_BYTES, last, 0])
  assert.deepEqual(begins.slice(1, 3), [stampAt(BLOCK_BYTES), stampAt(2 * BLOCK_BYTES)])
  assert.equal(begins[0], headOf(2.5 * BLOCK_BYTES).readBigUInt64LE(0))
})

it('zeros are zeros, but for the head', async () => {
  const pipe = new EndlessPipe(2 * BLOCK_BYTES, 'zeros')
  const block = Buffer.alloc(BLOCK_BYTES, 1)
  await pipe.fill(block)
  const second = Buffer.alloc(BLOCK_BYTES, 1)
  await pipe.fill(second)
  const head = headOf(2 * BLOCK_BYTES)
  assert.ok(block.subarray(0, head.length).equals(head))
  assert.ok(!block.subarray(head.length).some(byte => byte !== 0))
  assert.ok(second.equals(Buffer.alloc(BLOCK_BYTES)))
})
