import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw, zstdCompress } from 'node:zlib'
import type { Compression } from '../config/config.ts'
import { BLOCK_BYTES } from './core-stream.ts'

/** Compresses a core block by block, side by side, into one stream that the usual tools read. */
export interface BlockCodec {
  /** What the stored core's name ends with: `.gz`. */
  readonly suffix: string
  /** The compressed stream of `blocks`, in order. A chunk's memory is its reader's until the next one. */
  encode(blocks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array>
}

/** How many blocks may be on their way at once: the source of `encode` must keep so many apart. */
export const BLOCKS_AHEAD = Math.max(2, Math.min(4, availableParallelism())) + 1

const deflateBlock = promisify<Buffer, object, Buffer>(deflateRaw)
const zstdBlock = promisify<Buffer, object, Buffer>(zstdCompress)

export function blockCodec(compression: Compression): BlockCodec {
  switch (compression) {
    case 'gzip':
      return { suffix: '.gz', encode: gzip }
    case 'zstd':
      return { suffix: '.zst', encode: blocks => sideBySide(blocks, zeroAware(zstd, zstd)) }
    case 'none':
      return {
        suffix: '',
        encode: blocks => sideBySide(blocks, block => Promise.resolve({ bytes: block, once: false })),
      }
  }
}

type EncodeBlock = (block: Buffer) => Promise<Encoded>

interface Encoded {
  readonly bytes: Uint8Array
  /** Whether nobody needs the bytes after they have been read. */
  readonly once: boolean
}

// RFC 1952: magic, deflate, no flags, no time, fastest algorithm, Unix.
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3])
// A final deflate block that is empty: the stream's end, after blocks none of which was final.
const DEFLATE_END = Buffer.from([0x03, 0x00])

/**
 * One standard gzip member. Each block is deflated by itself and ends with a sync flush, which puts it on
 * a byte boundary, so the blocks can be joined (pigz does the same).
 */
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
  yield* sideBySide(
    measured(),
    zeroAware(
      block => deflate(block, 1),
      block => deflate(block, 9),
    ),
  )
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(sizeBytes % 2 ** 32, 4)
  yield Buffer.concat([DEFLATE_END, trailer])
}

// As large as a block's largest result, so that it comes in one piece: what cannot be compressed grows by
// five bytes in 16 KiB (deflate's stored blocks). Memory that is not written to costs nothing.
const OUTPUT_CHUNK_BYTES = BLOCK_BYTES + BLOCK_BYTES / 256

async function deflate(block: Buffer, level: number): Promise<Encoded> {
  const bytes = await deflateBlock(block, {
    level,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: OUTPUT_CHUNK_BYTES,
  })
  return { bytes, once: true }
}

/** Frames one after the other are one zstd stream (RFC 8878, 3). */
async function zstd(block: Buffer): Promise<Encoded> {
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }
  return { bytes: await zstdBlock(block, { params, chunkSize: OUTPUT_CHUNK_BYTES }), once: true }
}

/** Compresses ahead of the reader, and gives the results in order. */
async function* sideBySide(blocks: AsyncIterable<Buffer>, encode: EncodeBlock): AsyncGenerator<Uint8Array> {
  const underWay: Promise<Encoded>[] = []
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

/**
 * Gives a result to its reader, and its memory back as soon as that is done with it. The garbage collector
 * would let some 70 MiB of them pile up, on a node where something has just crashed, often for want of memory.
 */
async function* passing(result: Promise<Encoded> | undefined): AsyncGenerator<Uint8Array> {
  if (result === undefined) return
  const { bytes, once } = await result
  yield bytes
  if (once && ownsItsMemory(bytes)) bytes.buffer.transfer(0)
}

/** Small buffers share Node's pool with others. */
function ownsItsMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength > Buffer.poolSize
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
  let zeros: Promise<Encoded> | undefined
  return block => {
    if (block.length !== BLOCK_BYTES || !isZero(block)) return encode(block)
    zeros ??= encodeZeros(block).then(({ bytes }) => ({ bytes, once: false }))
    return zeros
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
