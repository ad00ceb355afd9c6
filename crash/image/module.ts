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
  /** In the order in which they were given. */
  readonly all: readonly Module[]
  readonly #sorted: readonly { readonly start: bigint; readonly end: bigint; readonly module: Module }[]

  constructor(modules: readonly Module[]) {
    this.all = modules
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

type Range = Module['ranges'][number]

/**
 * The modules that pieces of one file make: one, but for a program that maps a part of its own code a second
 * time, as V8 does to have it near what it compiles.
 */
export function modulesOf(path: string, image: ElfImage, ranges: readonly Range[]): readonly Module[] {
  const usual = biasOf(image, ...ranges)
  const byBias = Map.groupBy(ranges.slice(0, MOST_RANGES), range => {
    const possible = possibleBiases(image, range)
    return possible.find(bias => bias === usual) ?? possible[0] ?? null
  })
  return [...byBias].flatMap(([bias, ranges]) => (bias === null ? [] : [{ path, image, bias, ranges }]))
}

/**
 * What is added to the addresses of `image` where pieces of it lie in `ranges`. Two segments may share a page
 * of the file, so a piece alone may be of either; what most pieces agree on is it, and of two the first.
 * `null`: they are none that its program headers load.
 */
export function biasOf(image: ElfImage, ...ranges: readonly Range[]): bigint | null {
  const votes = new Map<bigint, number>()
  for (const range of ranges.slice(0, MOST_RANGES)) {
    for (const bias of new Set(possibleBiases(image, range))) votes.set(bias, (votes.get(bias) ?? 0) + 1)
  }
  const none: readonly [bigint | null, number] = [null, 0]
  return [...votes].reduce((most, vote) => (vote[1] > most[1] ? vote : most), none)[0]
}

/** A program that maps its code a second time has some ten; one of hostile making, 65,530. */
const MOST_RANGES = 1024

/** Of each segment that the range has a part of; a mapping begins and ends at a page, a segment within it. */
function possibleBiases({ segments }: ElfImage, { start, end, fileOffset }: Range): bigint[] {
  return segments
    .filter(
      ({ type, fileOffset: at, fileBytes }) =>
        type === PT_LOAD &&
        BigInt(at) < fileOffset + (end - start) &&
        BigInt(at) + BigInt(fileBytes) > fileOffset,
    )
    .map(({ address, fileOffset: at }) => start - fileOffset + BigInt(at) - address)
}
