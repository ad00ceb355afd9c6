/** How blocks are compressed. */
export interface Encoding {
  /** 1 to 9. */
  readonly level: number
  /** Takes the memory of a block that is not needed any more. */
  readonly giveBack: (block: Uint8Array) => void
  /** Asked for each block: whether time is so short that its size counts no more. */
  readonly isHurried: () => boolean
}

/** The fastest level; the memory of blocks is left to the garbage collector. */
export const USUAL: Encoding = { level: 1, giveBack: () => undefined, isHurried: () => false }
