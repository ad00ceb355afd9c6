import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import type { Compression } from '../../../config/config.ts'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { blockCodec } from '../../../handler/core/block-codec.ts'
import type { Encoding } from '../../../handler/core/encoding.ts'
import { BLOCKS_AHEAD } from '../../../handler/core/side-by-side.ts'
import { inputs } from '../../inputs.ts'

const unpack: Record<Compression, (bytes: Buffer) => Buffer> = {
  gzip: bytes => gunzipSync(bytes),
  zstd: bytes => zstdDecompressSync(bytes),
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

/** Read by a reader that spoils what it was given, as soon as it has a copy. */
async function encoded(
  compression: Compression,
  bytes: Buffer,
  encoding: Partial<Encoding> = {},
): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const block of blockCodec(compression).encode(inBlocks(bytes), encoding)) {
    for (const chunk of block.chunks) {
      chunks.push(Buffer.from(chunk))
      chunk.fill(0xff)
    }
  }
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

const PIECES = ['zeros', 'text', 'a byte at its end', 'a byte in its middle'] as const

function block(piece: (typeof PIECES)[number]): Buffer {
  if (piece === 'text') return text.subarray(7, 7 + BLOCK_BYTES)
  const bytes = Buffer.alloc(BLOCK_BYTES)
  if (piece !== 'zeros') bytes[piece === 'a byte at its end' ? BLOCK_BYTES - 1 : BLOCK_BYTES / 2 + 1] = 1
  return bytes
}

it('blockCodec() gives back every mix of zeros and other things, at every level', async () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 })
  const tail = fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.nat(BLOCK_BYTES - 1).map(Buffer.alloc))
  const compression = fc.constantFrom('gzip', 'zstd')
  const levels = fc.constantFrom(1, 6, 9)
  await fc.assert(
    fc.asyncProperty(
      pieces,
      tail,
      compression,
      levels,
      fc.array(fc.boolean()),
      async (names, end, by, level, hurries) => {
        const bytes = Buffer.concat([...names.map(block), end])
        assert.ok(
          bytes.equals(
            unpack[by](await encoded(by, bytes, { level, isHurried: () => hurries.pop() ?? false })),
          ),
        )
      },
    ),
    inputs(24),
  )
})

for (const compression of ['gzip', 'zstd'] as const) {
  it(`blockCodec(${compression}) leaves a block about as large as it is where time is short`, async () => {
    const noise = Buffer.from(randomBytes(BLOCK_BYTES).toString('base64')).subarray(0, 2 * BLOCK_BYTES)
    const hurries = [false, true]
    const packed = await encoded(compression, noise, { isHurried: () => hurries.pop() ?? false })
    assert.ok(noise.equals(unpack[compression](packed)))
    const usual = await encoded(compression, noise)
    assert.ok(packed.length > 1.1 * usual.length, `${packed.length}, as usual ${usual.length}`)
  })

  it(`blockCodec(${compression}) makes less of it at a higher level`, async () => {
    const prose = await readFile(new URL('../../../LICENSE', import.meta.url))
    const [fast, best] = await Promise.all([1, 9].map(level => encoded(compression, prose, { level })))
    assert.ok(best!.length < 0.95 * fast!.length, `${best!.length} of ${fast!.length} bytes`)
  })

  it(`blockCodec(${compression}) gives back each block once it is compressed, and frees what is released`, async () => {
    const out = new Set<Uint8Array>()
    let most = 0
    const lent = async function* () {
      for await (const block of inBlocks(Buffer.concat([text, zeros]))) {
        const copy = Buffer.from(block)
        out.add(copy)
        most = Math.max(most, out.size)
        yield copy
      }
    }
    const giveBack = (block: Uint8Array) => assert.ok(out.delete(block))
    for await (const block of blockCodec(compression).encode(lent(), { giveBack })) {
      block.release()
      assert.equal(sizeOf(block.chunks), 0)
    }
    assert.equal(out.size, 0)
    assert.ok(most <= BLOCKS_AHEAD, `${most} at once`)
  })
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}

it('blockCodec(zstd) says in each frame how much it holds', async () => {
  const frame = await encoded('zstd', Buffer.from('hello'))
  // RFC 8878, 3.1.1.1: one segment, and a byte for its size.
  assert.deepEqual([frame[4]! & 0b1110_0000, frame[5]], [0b0010_0000, 5])
})
