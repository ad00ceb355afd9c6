import { AddressIndex } from './address-index.ts'
import type { CoreHead } from './core-head.ts'
import type { CoreRange } from './core-range.ts'
import { type ElfSegment, PT_LOAD } from './elf.ts'

/** Where in a core which memory is. */
export class DumpedMemory {
  readonly #segments: AddressIndex<ElfSegment>

  constructor({ segments }: Pick<CoreHead, 'segments'>) {
    const memory = segments.filter(({ type }) => type === PT_LOAD)
    this.#segments = new AddressIndex(memory, ({ address }) => address)
  }

  /** At most `lengthBytes` from `address` on, of one mapping; `null`: none of it was dumped. */
  at(address: bigint, lengthBytes: number): CoreRange | null {
    const segment = this.#segments.lastFrom(address)
    if (segment === undefined || address - segment.address >= BigInt(segment.fileBytes)) return null
    const skippedBytes = Number(address - segment.address)
    return {
      offset: segment.fileOffset + skippedBytes,
      lengthBytes: Math.min(lengthBytes, segment.fileBytes - skippedBytes),
    }
  }
}
