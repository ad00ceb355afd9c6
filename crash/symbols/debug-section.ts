import type { ElfImage } from '../image/elf-image.ts'
import type { Section } from '../image/section.ts'
import { type Effort, READ_STEPS } from './effort.ts'

const SHF_COMPRESSED = 0x800n
/** One that is compressed is decompressed whole. One that is not may have any size. */
const LARGEST_DECOMPRESSED_BYTES = 64 << 20
/** Half a second for the largest. */
const DECOMPRESSED_BYTES_A_STEP = 16

/** A section of DWARF, of which no more is read than is asked for, and nothing past its effort. Never throws. */
export class DebugSection {
  readonly #image: ElfImage
  readonly #section: Section | undefined
  readonly #effort: Effort
  readonly #largestBytes: number
  #decompressed: Buffer | null | undefined

  constructor(image: ElfImage, name: string, effort: Effort, largestBytes = LARGEST_DECOMPRESSED_BYTES) {
    this.#image = image
    this.#section = image.section(name)
    this.#effort = effort
    this.#largestBytes = largestBytes
  }

  /** At most `lengthBytes` from `at` on; none, if it is not there. */
  read(at: number, lengthBytes: number): Buffer {
    const section = this.#section
    if (section === undefined || !(at >= 0) || !this.#effort.spend(READ_STEPS)) return Buffer.alloc(0)
    if ((section.flags & SHF_COMPRESSED) === 0n)
      return this.#image.read(section, at, lengthBytes) ?? Buffer.alloc(0)
    if (this.#decompressed === undefined) this.#decompressed = this.#decompress(section)
    return this.#decompressed?.subarray(at, at + lengthBytes) ?? Buffer.alloc(0)
  }

  #decompress(section: Section): Buffer | null {
    const sizeBytes = this.#image.decompressedBytes(section)
    const isLarge = sizeBytes === null || sizeBytes > this.#largestBytes
    if (isLarge || !this.#effort.spend(sizeBytes / DECOMPRESSED_BYTES_A_STEP)) return null
    return this.#image.contents(section, sizeBytes)
  }
}
