import { shownText } from '../../untrusted/shown-text.ts'
import { lengthOfText } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'
import { type Effort, READ_STEPS } from './effort.ts'
import { GO_HEADER_BYTES, type GoHeader, readGoHeader } from './go-header.ts'
import { type GoModule, goModule } from './go-module.ts'
import { type GoPlace, goPlace } from './go-place.ts'

/** Where Go's code begins, and what it says of functions, by their offset in moduledata since Go 1.20. */
const [MODULE_TEXT, MODULE_FUNCTION_DATA] = [176, 320]
/** Behind all code: no function is found there. */
const NOWHERE = 2n ** 64n
const LONGEST_TEXT_BYTES = 1024

/** Go's table of functions, of which no more is read than an answer needs and `effort` suffices for. Never throws. */
export class GoTable {
  readonly image: ElfImage
  readonly header: GoHeader
  readonly effort: Effort
  /** Where Go's code begins. */
  readonly textStart: bigint
  readonly #place: GoPlace
  #module: GoModule | null | undefined

  private constructor(image: ElfImage, place: GoPlace, header: GoHeader, effort: Effort) {
    this.image = image
    this.effort = effort
    this.header = header
    this.#place = place
    this.textStart = header.textStart ?? this.#pointer(MODULE_TEXT) ?? NOWHERE
  }

  static open(image: ElfImage, effort: Effort): GoTable | null {
    const place = goPlace(image, effort)
    const beginning = place === null ? null : image.loaded(place.address, GO_HEADER_BYTES)
    const header = beginning === null ? null : readGoHeader(beginning)
    return place === null || header === null ? null : new GoTable(image, place, header, effort)
  }

  /** At most `lengthBytes` from `at` on; `null`: there are none. */
  read(at: number, lengthBytes: number): Buffer | null {
    const length = Math.min(lengthBytes, this.#place.sizeBytes - at)
    return at >= 0 && length > 0 && this.effort.spend(READ_STEPS)
      ? this.image.loaded(this.#place.address + BigInt(at), length)
      : null
  }

  uint32(at: number): number | null {
    const bytes = this.read(at, 4)
    return bytes?.length === 4 ? bytes.readUInt32LE(0) : null
  }

  text(at: number): string | null {
    const bytes = this.read(at, LONGEST_TEXT_BYTES)
    const length = bytes === null ? 0 : lengthOfText(bytes)
    return bytes === null || length === 0 ? null : shownText(bytes.subarray(0, length))
  }

  /** Of the functions, by where they begin: relative to {@link textStart}; and where its record is. */
  entry(index: number): { readonly start: number; readonly record: number } | null {
    const { functions, entryBytes } = this.header
    const bytes = this.read(functions + index * 2 * entryBytes, 2 * entryBytes)
    if (bytes?.length !== 2 * entryBytes) return null
    if (entryBytes === 4) return { start: bytes.readUInt32LE(0), record: bytes.readUInt32LE(4) }
    return { start: Number(bytes.readBigUInt64LE(0)), record: Number(bytes.readBigUInt64LE(8)) }
  }

  /** The index of the last function that begins at `start` or before it; `null`: it lies outside of them all. */
  lastUpTo(start: number): number | null {
    let [low, high] = [0, this.header.functionCount + 1]
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.entry(middle)
      if (entry === null) return null
      if (entry.start <= start) low = middle + 1
      else high = middle
    }
    // Behind the last function stands where it ends.
    return low === 0 || low > this.header.functionCount ? null : low - 1
  }

  /** Where the compiler's data of functions lies, of Go 1.20 and later. */
  functionData(): bigint | null {
    return this.header.isSince120 ? this.#pointer(MODULE_FUNCTION_DATA) : null
  }

  #pointer(at: number): bigint | null {
    const { address } = this.#place
    if (this.#module === undefined)
      this.#module = goModule(
        { image: this.image, effort: this.effort },
        address,
        address + BigInt(this.header.names),
      )
    return this.#module?.(at) ?? null
  }
}
