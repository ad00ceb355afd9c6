import { type GiveBack, isZeroBlock, keep } from './block.ts'
import { CompressedBlock, zstdBlock } from './compressed-block.ts'
import { SeekTable } from './seek-table.ts'
import { sideBySide } from './side-by-side.ts'
import { ZeroBlock } from './zero-block.ts'

/**
 * Frames one after the other are one zstd stream (RFC 8878, 3), and a seek table at its end. A stream of
 * nothing is a table of no frames: zstd itself takes no bytes at all for a broken file.
 */
export async function* zstdFrames(
  blocks: AsyncIterable<Buffer>,
  level = 1,
  giveBack: GiveBack = keep,
): AsyncGenerator<CompressedBlock> {
  const table = new SeekTable()
  const zeros = new ZeroBlock(block => zstdBlock(block, level))
  const compress = (block: Buffer) => (isZeroBlock(block) ? zeros.compressed(block) : zstdBlock(block, level))
  for await (const frame of sideBySide(blocks, compress, giveBack)) {
    table.add(frame)
    yield frame
  }
  yield CompressedBlock.of(table.frame())
}
