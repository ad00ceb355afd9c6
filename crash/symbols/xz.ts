import type { Effort } from './effort.ts'
import { decodeLzma2, lzma2Pieces } from './lzma2.ts'

const MAGIC = Buffer.from('fd377a585a00', 'hex')
const HEADER_BYTES = 12
const LZMA2 = 0x21
/** By the kind of check that is in the header: none, CRC32, CRC64, SHA-256. */
const CHECK_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 }
const [HAS_COMPRESSED_SIZE, HAS_SIZE, FILTERS] = [0x40, 0x80, 3]
const MOST_BLOCKS = 64
/** To read of a piece how long it is, and to make all its odds even. */
const [STEPS_A_PIECE, STEPS_A_STATE] = [5, 200]

/**
 * Decompresses what `xz` compressed, by LZMA2 alone. Its checks are not computed: a byte that was changed makes
 * other symbols, as it does where nothing is compressed. `null`: it is something else, broken, or larger than
 * `largestBytes` or `effort` suffices for.
 */
export function unxz(bytes: Buffer, largestBytes: number, effort: Effort): Buffer | null {
  const checkBytes = CHECK_BYTES[bytes[7] ?? -1]
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || checkBytes === undefined) return null
  const blocks = blocksIn(bytes, checkBytes)
  const sizes = blocks?.map(pieces => pieces.reduce((sum, { outputBytes }) => sum + outputBytes, 0)) ?? []
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0)
  if (blocks === null || sizeBytes > largestBytes) return null
  if (!effort.spend(sizeBytes + stepsOf(blocks.flat()))) return null
  const output = Buffer.alloc(sizeBytes)
  let at = 0
  for (const [index, pieces] of blocks.entries()) {
    if (!decodeLzma2(pieces, output, at)) return null
    at += sizes[index]!
  }
  return output
}

type Pieces = NonNullable<ReturnType<typeof lzma2Pieces>>['pieces']

function stepsOf(pieces: Pieces): number {
  const states = pieces.filter(({ hasNewState }) => hasNewState).length
  return pieces.length * STEPS_A_PIECE + states * STEPS_A_STATE
}

/** Up to the index, which begins with a 0 where a block has the length of its header. */
function blocksIn(bytes: Buffer, checkBytes: number): readonly Pieces[] | null {
  const blocks: Pieces[] = []
  let at = HEADER_BYTES
  while (bytes[at] !== 0 && blocks.length < MOST_BLOCKS) {
    if (!isLzma2Block(bytes, at)) return null
    const content = lzma2Pieces(bytes, at + (bytes[at]! + 1) * 4)
    if (content === null) return null
    blocks.push(content.pieces)
    at = Math.ceil(content.end / 4) * 4 + checkBytes
  }
  return bytes[at] === 0 ? blocks : null
}

/** Whether it went through no other filter, as those for code of one processor. */
function isLzma2Block(bytes: Buffer, at: number): boolean {
  const flags = bytes[at + 1] ?? 0
  let filterAt = at + 2
  for (const hasNumber of [flags & HAS_COMPRESSED_SIZE, flags & HAS_SIZE]) {
    while (hasNumber !== 0 && (bytes[filterAt] ?? 0) >= 0x80) filterAt += 1
    if (hasNumber !== 0) filterAt += 1
  }
  return (flags & FILTERS) === 0 && bytes[filterAt] === LZMA2
}
