import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compression } from '../../config/config.ts'
import { BLOCKS_AHEAD, blockCodec } from '../../handler/block-codec.ts'
import { BLOCK_BYTES } from '../../handler/core-stream.ts'

const unpack: Record<Compression, (bytes: Buffer) => Buffer> = {
  gzip: bytes => gunzipSync(bytes),
  zstd: bytes => (bytes.length === 0 ? bytes : zstdDecompressSync(bytes)),
  none: bytes => bytes,
}

/** Blocks in a ring of memory that is used again, as the core's are. */
async function* inBlocks(bytes: Buffer): AsyncGenerator<Buffer> {
  const ring = Array.from({ length: BLOCKS_AHEAD + 1 }, () => Buffer.alloc(BLOCK_BYTES))
  for (let at = 0, turn = 0; at < bytes.length; at += BLOCK_BYTES, turn += 1) {
    const memory = ring[turn % ring.length] ?? assert.fail()
    yield memory.subarray(0, bytes.copy(memory, 0, at, at + BLOCK_BYTES))
  }
}

async function encoded(compression: Compression, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of blockCodec(compression).encode(inBlocks(bytes))) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const text = Buffer.alloc(3 * BLOCK_BYTES + 12345, 'the quick brown fox jumps over the lazy dog; ')
const zeros = Buffer.alloc(9 * BLOCK_BYTES)
const contents = [
  { name: 'nothing', bytes: Buffer.alloc(0) },
  { name: 'one byte', bytes: Buffer.from('x') },
  { name: 'exactly one block', bytes: text.subarray(0, BLOCK_BYTES) },
  { name: 'one block and a byte', bytes: text.subarray(0, BLOCK_BYTES + 1) },
  { name: 'text', bytes: text },
  { name: 'what cannot be compressed', bytes: randomBytes(2 * BLOCK_BYTES + 1) },
  { name: 'zeros', bytes: zeros },
  { name: 'zeros around something', bytes: Buffer.concat([zeros, text, zeros, Buffer.from([0, 0, 1])]) },
]
for (const compression of ['gzip', 'zstd', 'none'] as const) {
  describe(`blockCodec(${compression})`, () => {
    for (const { name, bytes } of contents) {
      it(`gives back ${name}`, async () => {
        assert.ok(bytes.equals(unpack[compression](await encoded(compression, bytes))))
      })
    }

    it('fails when the core breaks off with an error', async () => {
      async function* broken(): AsyncGenerator<Buffer> {
        yield text.subarray(0, BLOCK_BYTES)
        throw new Error('read failed')
      }
      await assert.rejects(async () => {
        for await (const _ of blockCodec(compression).encode(broken()));
      }, /read failed/)
    })

    it('ends its source when its reader gives up', async () => {
      let ended = false
      async function* source(): AsyncGenerator<Buffer> {
        try {
          for (;;) yield text.subarray(0, BLOCK_BYTES)
        } finally {
          ended = true
        }
      }
      let chunks = 0
      for await (const _ of blockCodec(compression).encode(source())) if (++chunks === 3) break
      assert.equal(ended, true)
    })
  })
}

it('blockCodec(gzip) makes one member that gzip itself finds in order', async () => {
  execFileSync('gzip', ['-t'], { input: await encoded('gzip', Buffer.concat([text, zeros])) })
})

it('blockCodec() shrinks zeros to next to nothing', async () => {
  assert.ok((await encoded('gzip', zeros)).length < zeros.length / 500)
  assert.ok((await encoded('zstd', zeros)).length < zeros.length / 500)
})
