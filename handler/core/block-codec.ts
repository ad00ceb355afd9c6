import type { Compression } from '../../config/config.ts'
import { CompressedBlock } from './compressed-block.ts'
import { type Encoding, type Packed, USUAL } from './encoding.ts'
import { gzipMember } from './gzip-member.ts'
import { zstdFrames } from './zstd-frames.ts'

/** Compresses a core block by block, side by side, into one stream that the usual tools read. */
export interface BlockCodec {
  /** What the stored core's name ends with: `.gz`. */
  readonly suffix: string
  /**
   * The compressed stream of `blocks`, in order; some of them are read at once (`side-by-side.ts`), and each is
   * given back when it is not needed any more. A compressed block is its reader's, to be released. What `encoding`
   * does not say is as usual.
   */
  encode(blocks: AsyncIterable<Buffer>, encoding?: Partial<Encoding>): AsyncGenerator<CompressedBlock>
}

const CODECS: Readonly<Record<Compression, BlockCodec>> = {
  gzip: { suffix: '.gz', encode: gzipMember },
  zstd: { suffix: '.zst', encode: zstdFrames },
  none: { suffix: '', encode: asTheyAre },
}

/** None is left out: zeros take as much room. */
async function* asTheyAre(
  blocks: AsyncIterable<Buffer>,
  encoding: Partial<Encoding> = {},
): AsyncGenerator<CompressedBlock> {
  const { giveBack, ahead } = { ...USUAL, ...encoding }
  for await (const { piece } of ahead(wrapped(blocks, giveBack))) yield piece
}

async function* wrapped(
  blocks: AsyncIterable<Buffer>,
  giveBack: Encoding['giveBack'],
): AsyncGenerator<Packed> {
  for await (const block of blocks) yield { piece: new CompressedBlock(block.length, [block], giveBack) }
}

export function blockCodec(compression: Compression): BlockCodec {
  return CODECS[compression]
}
