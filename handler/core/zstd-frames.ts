import { isZeroBlock } from './block.ts'
import { CompressedBlock, zstdBlock } from './compressed-block.ts'
import { type Encoding, USUAL } from './encoding.ts'
import { withoutLeftOut } from './left-out.ts'
import { SeekTable } from './seek-table.ts'
import { sideBySide } from './side-by-side.ts'
import { ZeroBlock } from './zero-block.ts'

// Of the levels below 0, where -1 does not do what it says: libzstd's bindings take it for its default, 3.
const FASTEST = -50

/**
 * Frames one after the other are one zstd stream (RFC 8878, 3), and a seek table at its end. A stream of
 * nothing is a table of no frames: zstd itself takes no bytes at all for a broken file.
 */
export async function* zstdFrames(
  blocks: AsyncIterable<Buffer>,
  encoding: Partial<Encoding> = {},
): AsyncGenerator<CompressedBlock> {
  const { level, giveBack, isHurried, ahead, isLeftOut } = { ...USUAL, ...encoding }
  const table = new SeekTable()
  const zeros = new ZeroBlock(block => zstdBlock(block, level))
  const zeroFrame = async (block: Buffer) => ({ piece: await zeros.compressed(block) })
  const compress = async (block: Buffer) =>
    isZeroBlock(block) ? zeroFrame(block) : { piece: await zstdBlock(block, isHurried() ? FASTEST : level) }
  const packed = ahead(sideBySide(blocks, compress, giveBack))
  for await (const { piece } of withoutLeftOut(packed, isLeftOut, zeroFrame)) {
    table.add(piece)
    yield piece
  }
  yield CompressedBlock.of(table.frame())
}
