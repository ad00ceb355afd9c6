import { crc32 } from 'node:zlib'
import { type Addon, addon } from '../native/addon.ts'
import { isZeroBlock } from './block.ts'
import { Checksum } from './checksum.ts'
import { CompressedBlock, deflateBlock } from './compressed-block.ts'
import { type DeflatedBlock, deflateByAddon, deflateByZlib } from './deflated-block.ts'
import { type Encoding, USUAL } from './encoding.ts'
import { withoutLeftOut } from './left-out.ts'
import { sideBySide } from './side-by-side.ts'
import { ZeroBlock } from './zero-block.ts'

// zlib's: five bytes more in 64 KiB, at the speed of memory.
const AS_IT_IS = 0

// A final deflate block that is empty: the stream's end, after blocks none of which was final.
const DEFLATE_END = [0x03, 0x00]

/**
 * One standard gzip member, of blocks that were deflated apart (pigz does the same). ISA-L is for level 1
 * alone: it makes as much of a core as gzip does at that level, and no less at any.
 */
export async function* gzipMember(
  blocks: AsyncIterable<Buffer>,
  encoding: Partial<Encoding> = {},
  isal: Addon | null = addon(),
): AsyncGenerator<CompressedBlock> {
  const { level, giveBack, isHurried, ahead, isLeftOut } = { ...USUAL, ...encoding }
  const checksum = new Checksum()
  const zeros = deflatedZeros()
  let sizeBytes = 0
  const compress = (block: Buffer) => {
    if (isZeroBlock(block)) return zeros(block)
    if (isHurried()) return deflateByZlib(block, AS_IT_IS)
    return isal !== null && level === 1 ? deflateByAddon(block, isal) : deflateByZlib(block, level)
  }
  const packed = ahead(sideBySide(blocks, compress, giveBack))
  yield header(level)
  for await (const { piece, crc32 } of withoutLeftOut(packed, isLeftOut, zeros)) {
    checksum.add(crc32, piece.sourceBytes)
    sizeBytes += piece.sourceBytes
    yield piece
  }
  yield trailer(checksum.value, sizeBytes)
}

/** Reads the first block of zeros, and no other one. */
function deflatedZeros(): (block: Buffer) => Promise<DeflatedBlock> {
  // The fastest level makes four times as much of zeros as the best.
  const zeros = new ZeroBlock(block => deflateBlock(block, 9))
  let checksum: number | undefined
  return async block => {
    checksum ??= crc32(block)
    return { piece: await zeros.compressed(block), crc32: checksum }
  }
}

/** RFC 1952: magic, deflate, no flags, no time, how hard was tried, Unix. */
function header(level: number): CompressedBlock {
  const effort = level === 1 ? 4 : level === 9 ? 2 : 0
  return CompressedBlock.of(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, effort, 3))
}

function trailer(checksum: number, sizeBytes: number): CompressedBlock {
  const bytes = Buffer.alloc(DEFLATE_END.length + 8)
  bytes.set(DEFLATE_END)
  bytes.writeUInt32LE(checksum, DEFLATE_END.length)
  bytes.writeUInt32LE(sizeBytes % 2 ** 32, DEFLATE_END.length + 4)
  return CompressedBlock.of(bytes)
}
