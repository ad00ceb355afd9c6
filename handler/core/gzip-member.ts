import { isZeroBlock } from './block.ts'
import { Checksum } from './checksum.ts'
import { CompressedBlock, deflateBlock } from './compressed-block.ts'
import { type Encoding, USUAL } from './encoding.ts'
import { sideBySide } from './side-by-side.ts'
import { ZeroBlock } from './zero-block.ts'

// zlib's: five bytes more in 64 KiB, at the speed of memory.
const AS_IT_IS = 0

// A final deflate block that is empty: the stream's end, after blocks none of which was final.
const DEFLATE_END = [0x03, 0x00]

/** One standard gzip member, of blocks that were deflated apart (pigz does the same). */
export async function* gzipMember(
  blocks: AsyncIterable<Buffer>,
  encoding: Partial<Encoding> = {},
): AsyncGenerator<CompressedBlock> {
  const { level, giveBack, isHurried } = { ...USUAL, ...encoding }
  const checksum = new Checksum()
  // The fastest level makes four times as much of zeros as the best.
  const zeros = new ZeroBlock(block => deflateBlock(block, 9))
  let sizeBytes = 0
  const compress = (block: Buffer) => {
    sizeBytes += block.length
    if (isZeroBlock(block)) {
      checksum.addZeroBlock()
      return zeros.compressed(block)
    }
    checksum.add(block)
    return deflateBlock(block, isHurried() ? AS_IT_IS : level)
  }
  yield header(level)
  yield* sideBySide(blocks, compress, giveBack)
  yield trailer(checksum.value, sizeBytes)
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
