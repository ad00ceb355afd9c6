import assert from 'node:assert/strict'
import { createHash, randomFillSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { BLOCK_BYTES, zeroBlock } from '../../../handler/core/block.ts'
import { CompressedBlock } from '../../../handler/core/compressed-block.ts'
import { type Digest, DigestHere, type HashName } from '../../../handler/core/digest.ts'
import { DigestThread } from '../../../handler/core/digest-thread.ts'

const NAMES = ['sha256', 'md5'] as const
const KINDS: Readonly<Record<string, new (names: readonly HashName[]) => Digest>> = {
  DigestHere,
  DigestThread,
}

/** Each of two pieces of one memory, as zlib gives them. */
function blocks(): CompressedBlock[] {
  return Array.from({ length: 20 }, (_, at) => {
    const memory = new Uint8Array(100_000).fill(at)
    return new CompressedBlock(memory.length, [memory.subarray(0, 90_000), memory.subarray(90_000)])
  })
}

const bytes = Buffer.concat(blocks().flatMap(({ chunks }) => chunks))

for (const [kind, Kind] of Object.entries(KINDS)) {
  describe(kind, () => {
    it('hashes what it is given, in order', async () => {
      const digest = new Kind(NAMES)
      for (const block of blocks()) await digest.add(block)
      const hashes = await digest.end()
      digest.close()
      for (const name of NAMES) assert.equal(hashes[name], createHash(name).update(bytes).digest('hex'))
    })

    it('gives each block back to its lender, as long as it was, and hashes zeros that are everybody’s', async () => {
      const digest = new Kind(['sha256'])
      const lent = [BLOCK_BYTES, 0, 12_345].map(length =>
        length === 0 ? zeroBlock() : randomFillSync(Buffer.allocUnsafeSlow(length)),
      )
      const sha256 = createHash('sha256').update(Buffer.concat(lent)).digest('hex')
      const lengths = lent.map(({ length }) => length)
      const back: Uint8Array[] = []
      for (const block of lent)
        await digest.add(new CompressedBlock(block.length, [block], memory => back.push(memory)))
      assert.deepEqual(await digest.end(), { sha256 })
      digest.close()
      assert.deepEqual(
        back.filter(memory => memory.buffer !== zeroBlock().buffer).map(({ length }) => length),
        lengths.filter((_, at) => lent[at] !== zeroBlock()),
      )
      assert.ok(zeroBlock().length === BLOCK_BYTES && zeroBlock().every(byte => byte === 0))
    })

    it('hashes nothing, too', async () => {
      const digest = new Kind(['sha256'])
      assert.deepEqual(await digest.end(), { sha256: createHash('sha256').digest('hex') })
      digest.close()
    })

    it('can be closed early, and more than once', async () => {
      const digest = new Kind(NAMES)
      await digest.add(blocks()[0]!)
      digest.close()
      digest.close()
    })
  })
}

it('DigestThread takes the memory of a block, so that it is there once', async () => {
  const digest = new DigestThread(['sha256'])
  const [block] = blocks()
  await digest.add(block!)
  assert.deepEqual(
    block?.chunks.map(({ length }) => length),
    [0, 0],
  )
  block?.release()
  await digest.end()
  digest.close()
})

it('DigestThread whose thread has ended gives no hashes, and holds nobody up', async () => {
  const digest = new DigestThread(['sha256'])
  await digest.add(blocks()[0]!)
  digest.close()
  for (const block of blocks()) await digest.add(block)
  assert.deepEqual(await digest.end(), {})
})
