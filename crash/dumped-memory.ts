import type { CoreHead } from './core-head.ts'
import type { CoreRange } from './core-range.ts'
import { type ElfSegment, PT_LOAD } from './elf.ts'

/** Where in a core which memory is. A process may have 65,530 mappings, and more. */
export class DumpedMemory {
  readonly #sorted: readonly ElfSegment[]

  constructor({ segments }: Pick<CoreHead, 'segments'>) {
    this.#sorted = segments
      .filter(({ type }) => type === PT_LOAD)
      .sort((a, b) => (a.address < b.address ? -1 : 1))
  }

  /** At most `lengthBytes` from `address` on, of one mapping; `null`: none of it was dumped. */
  at(address: bigint, lengthBytes: number): CoreRange | null {
    const segment = this.#lastFrom(address)
    if (segment === undefined || address - segment.address >= BigInt(Math.trunc(segment.fileBytes)))
      return null
    const skippedBytes = Number(address - segment.address)
    return {
      offset: segment.fileOffset + skippedBytes,
      lengthBytes: Math.min(lengthBytes, segment.fileBytes - skippedBytes),
    }
  }

  /** The last one that begins at `address` or before. */
  #lastFrom(address: bigint): ElfSegment | undefined {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const segment = this.#sorted[middle]
      if (segment !== undefined && segment.address <= address) low = middle + 1
      else high = middle
    }
    return this.#sorted[low - 1]
  }
}
