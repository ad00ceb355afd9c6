import { availableParallelism } from 'node:os'
import { crc32 } from 'node:zlib'
import type { Compression } from '../config/config.ts'
import { CompressedBlock, deflateBlock, zstdBlock } from './compressed-block.ts'
import { BLOCK_BYTES } from './core-stream.ts'

/** Compresses a core block by block, side by side, into one stream that the usual tools read. */
export interface BlockCodec {
  /** What the stored core's name ends with: `.gz`. */
  readonly suffix: string
  /** The compressed stream of `blocks`, in order. A chunk's memory is its reader's until the next one. */
  encode(blocks: AsyncIterable<Buffer>): AsyncIterable<Uint8Array>
}

/** How many blocks may be on their way at once: the source of `encode` must keep so many apart. */
export const BLOCKS_AHEAD = Math.max(2, Math.min(4, availableParallelism())) + 1

export function blockCodec(compression: Compression): BlockCodec {
  switch (compression) {
    case 'gzip':
      return { suffix: '.gz', encode: gzip }
    case 'zstd':
      return { suffix: '.zst', encode: zstd }
    case 'none':
      return { suffix: '', encode: blocks => blocks }
  }
}

type EncodeBlock = (block: Buffer) => Promise<CompressedBlock>

// RFC 1952: magic, deflate, no flags, no time, fastest algorithm, Unix.
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3])
// A final deflate block that is empty: the stream's end, after blocks none of which was final.
const DEFLATE_END = Buffer.from([0x03, 0x00])

/** One standard gzip member, of blocks that were deflated apart (pigz does the same). */
async function* gzip(blocks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let checksum = 0
  let sizeBytes = 0
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      checksum = crc32(block, checksum)
      sizeBytes += block.length
      yield block
    }
  }
  yield GZIP_HEADER
  yield* sideBySide(measured(), deflateBlock, { fast: 1, best: 9 })
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(sizeBytes % 2 ** 32, 4)
  yield Buffer.concat([DEFLATE_END, trailer])
}

/** Frames one after the other are one zstd stream (RFC 8878, 3). */
function zstd(blocks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  return sideBySide(blocks, zstdBlock, { fast: 1, best: 19 })
}

interface Levels {
  readonly fast: number
  readonly best: number
}

/** Compresses ahead of the reader, and gives the results in order. */
async function* sideBySide(
  blocks: AsyncIterable<Buffer>,
  compress: (block: Buffer, level: number) => Promise<CompressedBlock>,
  { fast, best }: Levels,
): AsyncGenerator<Uint8Array> {
  const underWay: Promise<CompressedBlock>[] = []
  const encode = zeroAware(
    block => compress(block, fast),
    block => compress(block, best),
  )
  try {
    for await (const block of blocks) {
      underWay.push(handled(encode(block)))
      if (underWay.length === BLOCKS_AHEAD) yield* passing(underWay.shift())
    }
    while (underWay.length > 0) yield* passing(underWay.shift())
  } finally {
    // The blocks' memory is not ours to leave while a thread still reads it.
    await Promise.allSettled(underWay)
  }
}

async function* passing(result: Promise<CompressedBlock> | undefined): AsyncGenerator<Uint8Array> {
  const block = await result
  if (block === undefined) return
  yield* block.chunks
  block.release()
}

/** A failure is met when its turn comes to be yielded; until then Node must not take it for unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/**
 * Pipes have no holes, so the kernel writes memory that was never touched as zeros: often most of a core.
 * A whole block of them is compressed once, as well as it can be.
 */
function zeroAware(encode: EncodeBlock, encodeZeros: EncodeBlock): EncodeBlock {
  let zeros: Promise<Uint8Array> | undefined
  return async block => {
    if (block.length !== BLOCK_BYTES || !isZero(block)) return encode(block)
    zeros ??= encodeZeros(block).then(({ chunks }) => Buffer.concat(chunks))
    // A copy, because whoever reads it gives its memory back.
    return new CompressedBlock([Uint8Array.from(await zeros)])
  }
}

function isZero(block: Buffer): boolean {
  // Most blocks that are not zero say so in their first bytes.
  return block.readBigUInt64LE(0) === 0n && block[BLOCK_BYTES >> 1] === 0 && block.equals(zeroBlock())
}

let zeroMemory: Buffer | undefined
function zeroBlock(): Buffer {
  zeroMemory ??= Buffer.alloc(BLOCK_BYTES)
  return zeroMemory
}
