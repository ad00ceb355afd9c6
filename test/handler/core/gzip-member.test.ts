import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { gzipMember } from '../../../handler/core/gzip-member.ts'
import type { Addon } from '../../../handler/native/addon.ts'
import { inputs } from '../../inputs.ts'
import { NEEDS_ADDON, native } from '../native/made-addon.ts'

async function* inBlocks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) yield bytes.subarray(at, at + BLOCK_BYTES)
}

async function encoded(bytes: Buffer, isal: Addon | null, level = 1): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const { chunks: some } of gzipMember(inBlocks(bytes), { level }, isal)) chunks.push(...some)
  return Buffer.concat(chunks)
}

/** By another program than ours. */
function gunzip(bytes: Buffer): Buffer {
  return execFileSync('gzip', ['-dc'], { input: bytes, maxBuffer: 2 ** 28 })
}

const noise = randomBytes(BLOCK_BYTES)
const text = Buffer.alloc(BLOCK_BYTES, 'the quick brown fox; ')
const ENGINES = { 'ISA-L': { isal: native, options: NEEDS_ADDON }, zlib: { isal: null, options: {} } }

for (const [engine, { isal, options }] of Object.entries(ENGINES)) {
  for (const [name, bytes] of Object.entries({
    nothing: Buffer.alloc(0),
    'one byte': Buffer.from('x'),
    'exactly one block': text,
    'a block of zeros, and another thing': Buffer.concat([Buffer.alloc(BLOCK_BYTES), text.subarray(7)]),
    'what cannot be compressed': Buffer.concat([noise, noise.subarray(0, 100_001)]),
  })) {
    it(`gzipMember() by ${engine} is of ${name} what gzip unpacks`, options, async () => {
      const packed = await encoded(bytes, isal)
      assert.ok(gunzipSync(packed).equals(bytes))
      assert.ok(gunzip(packed).equals(bytes))
      assert.ok(packed.length <= bytes.length * 1.002 + 50, `${packed.length} of ${bytes.length}`)
    })
  }

  it(`gzipMember() by ${engine} gives back whatever is in the blocks`, options, async () => {
    const content = fc.constantFrom(noise, text, Buffer.alloc(BLOCK_BYTES))
    const piece = fc.tuple(content, fc.nat(BLOCK_BYTES)).map(([of, length]) => of.subarray(0, length))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 4 }), async pieces => {
        const bytes = Buffer.concat(pieces)
        assert.ok(gunzip(await encoded(bytes, isal)).equals(bytes))
      }),
      inputs(8),
    )
  })
}

it('gzipMember() has ISA-L for level 1 alone', NEEDS_ADDON, async () => {
  const [fast, byZlib] = [await encoded(text, native), await encoded(text, null)]
  assert.ok(!fast.equals(byZlib))
  assert.ok((await encoded(text, native, 6)).equals(await encoded(text, null, 6)))
})
