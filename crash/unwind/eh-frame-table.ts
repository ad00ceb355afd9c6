import type { ElfSegment } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'
import { Cursor } from './cursor.ts'
import { readDistance, readPointer } from './encoded-pointer.ts'

const PT_GNU_EH_FRAME = 0x6474e550
const ENTRY_BYTES = 8
/** Of a program of gigabytes; with 2^53 the numbers of a search would not differ any more. */
const MOST_ENTRIES = 2 ** 28
/** DW_EH_PE_datarel | DW_EH_PE_sdata4: no linker writes another, and only of this one entries are all as long. */
const TABLE_ENCODING = 0x3b

/** .eh_frame_hdr: where the description of each function is, sorted by the functions. Addresses are the file's. */
export class EhFrameTable {
  readonly #image: ElfImage
  readonly #address: bigint
  readonly #entriesAt: bigint
  readonly #entryCount: number
  /** Where each search begins is the same. */
  readonly #known = new Map<number, Buffer>()

  private constructor(image: ElfImage, address: bigint, entriesAt: bigint, entryCount: number) {
    this.#image = image
    this.#address = address
    this.#entriesAt = entriesAt
    this.#entryCount = entryCount
  }

  /** `null`: the file has none that can be searched. */
  static of(image: ElfImage): EhFrameTable | null {
    const segment = image.segments.find(({ type }) => type === PT_GNU_EH_FRAME)
    return segment === undefined ? null : EhFrameTable.#in(image, segment)
  }

  static #in(image: ElfImage, { address, fileBytes }: ElfSegment): EhFrameTable | null {
    const bytes = image.loaded(address, Math.min(fileBytes, LONGEST_HEADER_BYTES))
    if (bytes === null) return null
    const cursor = new Cursor(bytes, address)
    const [version, frameEncoding, countEncoding, encoding] = [1, 1, 1, 1].map(() => cursor.unsigned(1))
    if (version !== 1 || frameEncoding === undefined || countEncoding === undefined) return null
    readDistance(cursor, frameEncoding)
    const count = readPointer(cursor, countEncoding, address)
    if (encoding !== TABLE_ENCODING || count === null || cursor.isCut) return null
    const entryCount = Math.min(Number(count), Math.floor(fileBytes / ENTRY_BYTES), MOST_ENTRIES)
    return new EhFrameTable(image, address, cursor.address, entryCount)
  }

  /** Where the description of the last function that begins at `address` or before is. */
  descriptionAt(address: bigint): bigint | null {
    let [low, high] = [0, this.#entryCount]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const start = this.#read(middle, 0)
      if (start === null) return null
      if (start <= address) low = middle + 1
      else high = middle
    }
    return low === 0 ? null : this.#read(low - 1, 4)
  }

  /** The address at the `at`th byte of an entry. */
  #read(index: number, at: number): bigint | null {
    const entry = this.#known.get(index) ?? this.#entry(index)
    return entry === null ? null : BigInt.asUintN(64, this.#address + BigInt(entry.readInt32LE(at)))
  }

  #entry(index: number): Buffer | null {
    const entry = this.#image.loaded(this.#entriesAt + BigInt(index * ENTRY_BYTES), ENTRY_BYTES)
    if (entry !== null && this.#known.size < MOST_KNOWN) this.#known.set(index, entry)
    return entry
  }
}

/** A thousand frames of different functions have so many. */
const MOST_KNOWN = 8192
/** With two pointers of 8 bytes. */
const LONGEST_HEADER_BYTES = 20
