import { PT_LOAD } from '../elf.ts'
import type { MappedFile } from '../mapped-file.ts'
import type { ElfImage } from './elf-image.ts'

/** An ELF file in the memory of a process. */
export interface Module {
  /** `[vdso]` is one, too: the kernel's own, whose image is its memory. */
  readonly path: string
  /** `null`: the file could not be opened, or is no ELF64 file. */
  readonly image: ElfImage | null
  /**
   * What is added to an address of the program headers to have that in memory. 0 for a program at a fixed
   * address.
   */
  readonly bias: bigint
  readonly ranges: readonly Pick<MappedFile, 'start' | 'end' | 'fileOffset'>[]
}

/** The modules of a process, by what lies where. */
export class Modules {
  readonly #sorted: readonly { readonly start: bigint; readonly end: bigint; readonly module: Module }[]

  constructor(modules: readonly Module[]) {
    this.#sorted = modules
      .flatMap(module => module.ranges.map(({ start, end }) => ({ start, end, module })))
      .sort((a, b) => (a.start < b.start ? -1 : 1))
  }

  at(address: bigint): Module | null {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const range = this.#sorted[middle]
      if (range !== undefined && range.end > address) high = middle
      else low = middle + 1
    }
    const range = this.#sorted[low]
    return range !== undefined && address >= range.start ? range.module : null
  }
}

/**
 * What is added to the addresses of `image` where a piece of it, from `fileOffset` on, lies at `start`.
 * `null`: the piece is none that its program headers load.
 */
export function biasOf(
  image: ElfImage,
  { start, fileOffset }: Pick<MappedFile, 'start' | 'fileOffset'>,
): bigint | null {
  // A mapping begins at a page, and a segment within it.
  const segment = image.segments.find(
    ({ type, fileOffset: at, fileBytes }) =>
      type === PT_LOAD && BigInt(at) < fileOffset + PAGE_BYTES && BigInt(at) + BigInt(fileBytes) > fileOffset,
  )
  if (segment === undefined) return null
  return start - fileOffset + BigInt(segment.fileOffset) - segment.address
}

const PAGE_BYTES = 4096n
