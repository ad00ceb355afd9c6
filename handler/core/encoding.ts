import type { CompressedBlock } from './compressed-block.ts'

/** A block that is compressed, with what its stream has to know of it. */
export interface Packed {
  readonly piece: CompressedBlock
}

/** How blocks are compressed. */
export interface Encoding {
  /** 1 to 9. */
  readonly level: number
  /** Takes the memory of a block that is not needed any more. */
  readonly giveBack: (block: Uint8Array) => void
  /** Asked for each block: whether time is so short that its size counts no more. */
  readonly isHurried: () => boolean
  /** Where blocks lie that are compressed before they are asked for. Called once. */
  readonly ahead: <T extends Packed>(packed: AsyncIterable<T>) => AsyncIterable<T>
  /** Asked of each when it is asked for: whether zeros are to stand in for it. */
  readonly isLeftOut: (offset: number, sizeBytes: number) => boolean
}

/** The fastest level; the memory of blocks is left to the garbage collector. */
export const USUAL: Encoding = {
  level: 1,
  giveBack: () => undefined,
  isHurried: () => false,
  ahead: packed => packed,
  isLeftOut: () => false,
}
