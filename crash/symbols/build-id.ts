import { PT_LOAD } from '../elf.ts'
import { buildIdIn } from '../elf-page.ts'
import type { ElfImage } from '../image/elf-image.ts'

/** Linkers put it at the beginning, behind the program headers and the name of the loader. */
const BEGINNING_BYTES = 64 << 10
/** Of a file that is not at hand there is no more. */
const PAGE_BYTES = 4096

/** The GNU build id of a program or library, in hexadecimal. */
export function buildIdOf(image: ElfImage): string | null {
  const first = image.segments.find(({ type, fileOffset }) => type === PT_LOAD && fileOffset === 0)
  if (first === undefined) return null
  const beginning = (bytes: number) => image.loaded(first.address, Math.min(first.fileBytes, bytes))
  const read = beginning(BEGINNING_BYTES) ?? beginning(PAGE_BYTES)
  return read && buildIdIn(read)
}
