import type { ElfImage } from '../image/elf-image.ts'
import type { Section } from '../image/section.ts'

const SHF_COMPRESSED = 0x800n
/** One that is compressed is decompressed whole: half a second. One that is not may have any size. */
const LARGEST_DECOMPRESSED_BYTES = 64 << 20

/** A section of DWARF, of which no more is read than is asked for. Never throws. */
export class DebugSection {
  readonly #image: ElfImage
  readonly #section: Section | undefined
  #decompressed: Buffer | null | undefined

  constructor(image: ElfImage, name: string) {
    this.#image = image
    this.#section = image.section(name)
  }

  /** At most `lengthBytes` from `at` on; none, if it is not there. */
  read(at: number, lengthBytes: number): Buffer {
    const section = this.#section
    if (section === undefined || !(at >= 0)) return Buffer.alloc(0)
    if ((section.flags & SHF_COMPRESSED) === 0n)
      return this.#image.read(section, at, lengthBytes) ?? Buffer.alloc(0)
    if (this.#decompressed === undefined)
      this.#decompressed = this.#image.contents(section, LARGEST_DECOMPRESSED_BYTES)
    return this.#decompressed?.subarray(at, at + lengthBytes) ?? Buffer.alloc(0)
  }
}
