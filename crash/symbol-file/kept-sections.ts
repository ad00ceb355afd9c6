import type { ElfImage } from '../image/elf-image.ts'
import type { FileBytes } from '../image/file-bytes.ts'
import type { Section } from '../image/section.ts'

/** A section that is loaded, and its header as it stands in the file. */
export interface KeptSection {
  readonly section: Section
  readonly header: Buffer
}

const HEADER_BYTES = 64
const [SHF_ALLOC, SHF_EXECINSTR] = [2n, 4n]

/** The sections that a program has in memory: debuggers tell by them that the two files are of one program. */
export class KeptSections {
  readonly all: readonly KeptSection[]
  readonly #code: readonly { readonly start: bigint; readonly end: bigint; readonly index: number }[]

  constructor(file: FileBytes, image: ElfImage) {
    const at = Number(file.read(40, 8)?.readBigUInt64LE(0) ?? 0n)
    const all = image.sections.map((section, index) => {
      const header = file.read(at + index * HEADER_BYTES, HEADER_BYTES)
      return header === null || (section.flags & SHF_ALLOC) === 0n ? null : { section, header }
    })
    this.all = all.filter(kept => kept !== null)
    this.#code = this.all
      .map(({ section: { flags, address, fileBytes } }, index) => ({
        isCode: (flags & SHF_EXECINSTR) !== 0n,
        start: address,
        end: address + BigInt(fileBytes),
        // Before them all is the section of number 0.
        index: index + 1,
      }))
      .filter(({ isCode }) => isCode)
  }

  /** The number of the section whose code is at `address`; `null`: there is none. */
  codeAt(address: bigint): number | null {
    return this.#code.find(({ start, end }) => address >= start && address < end)?.index ?? null
  }
}
