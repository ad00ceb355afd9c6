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
    if (segment === undefined) return null
    // As bigints: of sizes beyond 2^53, which a hostile head may say, numbers would leave nothing of the last bytes.
    const skippedBytes = address - segment.address
    const leftBytes = BigInt(segment.fileBytes) - skippedBytes
    if (leftBytes <= 0n) return null
    return {
      offset: segment.fileOffset + Number(skippedBytes),
      lengthBytes: Math.min(lengthBytes, Number(leftBytes)),
    }
  }
}
