import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { blockCodec } from '../../../handler/core/block-codec.ts'
import { SeekTable } from '../../../handler/core/seek-table.ts'
import { inputs } from '../../inputs.ts'

interface Entry {
  readonly at: number
  readonly storedBytes: number
  readonly sourceBytes: number
}

/** As the specification has it: from the end. */
function readTable(stream: Buffer): Entry[] {
  assert.equal(stream.readUInt32LE(stream.length - 4), 0x8f92eab1)
  assert.equal(stream.at(-5), 0, 'no checksums, nothing reserved')
  const frames = stream.readUInt32LE(stream.length - 9)
  const table = stream.subarray(stream.length - 17 - 8 * frames)
  assert.deepEqual([table.readUInt32LE(0), table.readUInt32LE(4)], [0x184d2a5e, table.length - 8])
  let at = 0
  return Array.from({ length: frames }, (_, number) => {
    const storedBytes = table.readUInt32LE(8 + 8 * number)
    const entry = { at, storedBytes, sourceBytes: table.readUInt32LE(12 + 8 * number) }
    at += storedBytes
    return entry
  })
}

async function stored(blocks: readonly Buffer[]): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const block of blockCodec('zstd').encode(inTurn(blocks)))
    chunks.push(...block.chunks.map(chunk => Buffer.from(chunk)))
  return Buffer.concat(chunks)
}

async function* inTurn(blocks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* blocks
}

const blocks = [
  Buffer.alloc(BLOCK_BYTES, 'a stack '),
  Buffer.alloc(BLOCK_BYTES),
  Buffer.alloc(BLOCK_BYTES, 'a heap '),
  Buffer.alloc(BLOCK_BYTES),
  Buffer.from('the rest'),
]

describe('SeekTable', () => {
  it('leads to one block of a core, without the others', async () => {
    const stream = await stored(blocks)
    const { at, storedBytes, sourceBytes } = readTable(stream)[2] ?? assert.fail()
    assert.equal(sourceBytes, BLOCK_BYTES)
    assert.ok(zstdDecompressSync(stream.subarray(at, at + storedBytes)).equals(blocks[2]!))
  })

  it('says how large each block is, and covers all but itself', async () => {
    const stream = await stored(blocks)
    const table = readTable(stream)
    assert.deepEqual(
      table.map(({ sourceBytes }) => sourceBytes),
      blocks.map(({ length }) => length),
    )
    const last = table.at(-1) ?? assert.fail()
    assert.equal(last.at + last.storedBytes, stream.length - 17 - 8 * blocks.length)
  })

  it('is skipped by those who do not know it', async t => {
    const stream = await stored(blocks)
    assert.ok(zstdDecompressSync(stream).equals(Buffer.concat(blocks)))
    try {
      execFileSync('zstd', ['-tq'], { input: stream })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      t.diagnostic('zstd is not installed')
    }
  })

  it('stands alone where there is no core', async () => {
    const stream = await stored([])
    assert.deepEqual(readTable(stream), [])
    assert.equal(zstdDecompressSync(stream).length, 0)
  })

  it('gives back whatever sizes it was given, in their order', () => {
    const bytes = fc.nat({ max: 2 ** 32 - 1 })
    const frame = fc.record({ storedBytes: bytes, sourceBytes: bytes }, { noNullPrototype: true })
    fc.assert(
      fc.property(fc.array(frame), frames => {
        const table = new SeekTable()
        for (const one of frames) table.add(one)
        const entries = readTable(Buffer.from(table.frame()))
        assert.deepEqual(
          entries.map(({ storedBytes, sourceBytes }) => ({ storedBytes, sourceBytes })),
          frames,
        )
      }),
      inputs(2000),
    )
  })

  it('has room for a core of 1 TiB, in 2 MiB', () => {
    const table = new SeekTable()
    for (let frame = 0; frame < 2 ** 18; frame += 1)
      table.add({ storedBytes: frame, sourceBytes: BLOCK_BYTES })
    const frame = Buffer.from(table.frame())
    assert.equal(frame.length, 2 ** 21 + 17)
    const entries = readTable(frame)
    assert.ok(entries.every(({ storedBytes }, number) => storedBytes === number))
  })
})
