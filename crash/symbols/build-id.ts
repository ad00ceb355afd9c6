import { PT_LOAD, readNotes } from '../elf.ts'
import { buildIdAmong, buildIdIn } from '../elf-page.ts'
import type { ElfImage } from '../image/elf-image.ts'
import { type Section, SHT_NOTE } from '../image/section.ts'

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

const LARGEST_NOTES_BYTES = 64 << 10

/** The same as its sections say it: of a debug file segments have nothing. */
export function buildIdInSections(image: ElfImage): string | null {
  const section = sectionOfBuildId(image)
  return section === null ? null : idInNotes(image, section)
}

/** The section that has it. */
export function sectionOfBuildId(image: ElfImage): Section | null {
  return image.sections.find(section => idInNotes(image, section) !== null) ?? null
}

function idInNotes(image: ElfImage, section: Section): string | null {
  const notes = section.type === SHT_NOTE ? image.read(section, 0, LARGEST_NOTES_BYTES) : null
  return notes && buildIdAmong(readNotes(notes))
}
