import { readElfHeader } from '../elf.ts'
import { OperatorError } from '../errors.ts'
import { ElfImage } from '../image/elf-image.ts'
import type { FileBytes } from '../image/file-bytes.ts'
import { Room } from '../image/room.ts'
import { SHT_NOTE } from '../image/section.ts'
import { buildIdInSections, sectionOfBuildId } from '../symbols/build-id.ts'
import { ENTRY_BYTES } from '../symbols/symbol-table.ts'
import { debugSection, elfFile, type WrittenSection } from './elf-file.ts'
import { keptLines } from './kept-lines.ts'
import { KeptSections } from './kept-sections.ts'
import { keptSymbols } from './kept-symbols.ts'

/** What is kept of a program, so that its crashes can be given names without it. */
export interface SymbolFile {
  readonly buildId: string
  /** An ELF file, as debuggers read them: names of functions and lines, no types and no variables. */
  readonly bytes: Buffer
  readonly functionCount: number
  readonly hasLines: boolean
}

const [SHT_SYMTAB, SHT_STRTAB] = [2, 3]
const ET_REL = 1
const [HEADER_BYTES, SEGMENT_BYTES] = [64, 56]
const ROOM_BYTES = 2 ** 34
const [LARGEST_NOTES_BYTES, NOTE_ALIGNMENT] = [64 << 10, 4]

/** Of a program, a library, or its separate debug file. Throws an {@link OperatorError} where there is none. */
export function symbolFile(file: FileBytes): SymbolFile {
  const image = openImage(file)
  const buildId = buildIdInSections(image)
  if (buildId === null)
    throw new OperatorError(
      'it has no build id',
      'Link it with -Wl,--build-id (Go: -ldflags=-B=gobuildid), or give the file that was linked.',
    )
  const sections = new KeptSections(file, image)
  const { symbols, names, localCount, count } = keptSymbols(image, sections)
  const lines = keptLines(image)
  if (count === 0 || (isStripped(image) && lines.size === 0))
    throw new OperatorError(
      'it has no symbols: it was stripped',
      'Give the file as the linker made it, before strip, or its separate debug file.',
    )
  const link = { link: '.strtab', info: localCount, entryBytes: ENTRY_BYTES, alignment: 8 }
  const written: readonly WrittenSection[] = [
    ...loadedSections(sections, image),
    { ...plain('.symtab', SHT_SYMTAB, symbols), ...link },
    plain('.strtab', SHT_STRTAB, names),
    ...[...lines].map(([name, content]) => debugSection(name, content)),
  ]
  const bytes = elfFile(file.read(0, HEADER_BYTES)!, segmentsOf(file), written)
  return { buildId, bytes, functionCount: count, hasLines: lines.size > 0 }
}

/** The names of what it exports are left: they are in the memory of each process, too. */
function isStripped({ sections }: ElfImage): boolean {
  return !sections.some(({ type, name }) => type === SHT_SYMTAB || name === '.gnu_debugdata')
}

function openImage(file: FileBytes): ElfImage {
  const image = ElfImage.open(file, new Room(ROOM_BYTES))
  const header = readElfHeader(file.read(0, HEADER_BYTES) ?? Buffer.alloc(0))
  if (image === null || header === null)
    throw new OperatorError(
      'it is no ELF file of x86-64 or aarch64',
      'Give programs and libraries, as the linker made them.',
    )
  if (header.type === ET_REL)
    throw new OperatorError('it is an object file, which has no addresses', 'Give what was linked of it.')
  return image
}

/** Without their contents, but for the note with the build id. */
function loadedSections({ all }: KeptSections, image: ElfImage): readonly WrittenSection[] {
  const note = sectionOfBuildId(image)
  return all.map(({ section, header }) => ({
    name: section.name,
    type: section === note ? SHT_NOTE : section.type,
    flags: section.flags,
    address: section.address,
    content: section === note ? image.contents(section, LARGEST_NOTES_BYTES) : null,
    sizeBytes: section.fileBytes,
    alignment: section === note ? NOTE_ALIGNMENT : Number(header.readBigUInt64LE(48) % 2n ** 32n),
  }))
}

function plain(name: string, type: number, content: Buffer): WrittenSection {
  return { name, type, flags: 0n, address: 0n, content, sizeBytes: content.length, alignment: 1 }
}

function segmentsOf(file: FileBytes): Buffer {
  const { segmentsAt, segmentCount, segmentBytes } = readElfHeader(file.read(0, HEADER_BYTES)!)!
  if (segmentBytes !== SEGMENT_BYTES) return Buffer.alloc(0)
  return file.read(segmentsAt, segmentCount * SEGMENT_BYTES) ?? Buffer.alloc(0)
}
