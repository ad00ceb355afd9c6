import { PT_LOAD } from '../elf.ts'
import { buildIdIn } from '../elf-page.ts'
import type { ElfImage } from '../image/elf-image.ts'

/** Linkers put it at the beginning, behind the program headers and the name of the loader. */
const BEGINNING_BYTES = 64 << 10

/** The GNU build id of a program or library, in hexadecimal. */
export function buildIdOf(image: ElfImage): string | null {
  const first = image.segments.find(({ type, fileOffset }) => type === PT_LOAD && fileOffset === 0)
  const beginning = first && image.loaded(first.address, Math.min(first.fileBytes, BEGINNING_BYTES))
  return beginning ? buildIdIn(beginning) : null
}
