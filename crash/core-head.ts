import { type CoreNotes, readCoreNotes } from './core-notes.ts'
import { type CoreRange, endOfRange } from './core-range.ts'
import {
  type ElfHeader,
  type ElfSegment,
  hasWholeSegments,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readSegment,
} from './elf.ts'
import type { MappedFile } from './mapped-file.ts'

const ET_CORE = 4

/**
 * Of program headers and notes together, as much as is looked at; more than twice as much is held meanwhile,
 * and four handlers share `limits.memory` (1 GiB). 300,000 mappings have 16 MiB of program headers, by
 * default a process may have 65,530; their names are in the first notes, of which Linux writes 4 MiB
 * (kernel.core_file_note_size_limit).
 */
const LARGEST_HEAD_BYTES = 24 * 1024 * 1024

/** What a core says before its first byte of memory. */
export interface CoreHead extends CoreNotes {
  /** e_machine of elf(5). */
  readonly machine: number
  /** Length of the whole core. One that ends earlier was cut off. */
  readonly endBytes: number
  readonly segments: readonly ElfSegment[]
  /** What must be kept although it is no segment: {@link ElfHeader.countSection}. */
  readonly countSection: CoreRange | null
}

/**
 * Whether it is an ELF core, by its first 18 bytes. What begins so is worth keeping, even if
 * {@link readCoreHead} makes nothing of it: cut within its head, or of a machine with the other byte order.
 */
export function beginsAsCore(bytes: Buffer): boolean {
  if (bytes.length < 18 || bytes.readUInt32BE(0) !== 0x7f454c46) return false
  return (bytes[5] === 2 ? bytes.readUInt16BE(16) : bytes.readUInt16LE(16)) === ET_CORE
}

/** `more`: at least so many bytes are needed. `foreign`: this is no core that we can read. */
export type CoreHeadResult =
  | { readonly head: CoreHead }
  | { readonly moreBytes: number }
  | { readonly foreign: string }

/**
 * Reads the head of an ELF core from its first bytes. The kernel writes the ELF header, the program
 * headers, the notes and then the memory (fs/binfmt_elf.c, elf_core_dump), so the head stands together.
 */
export function readCoreHead(bytes: Buffer): CoreHeadResult {
  if (bytes.length < 64) return { moreBytes: 64 }
  const header = readElfHeader(bytes)
  if (header === null) return { foreign: 'it does not begin as a little-endian ELF file' }
  const { type, segmentBytes } = header
  if (type !== ET_CORE) return { foreign: `it is an ELF file of type ${type}, not a core` }
  if (!hasWholeSegments(header)) return { foreign: `its program headers have ${segmentBytes} bytes each` }

  const notesAt = notesOffset(bytes, header)
  if (typeof notesAt !== 'number') return notesAt
  const count = segmentCount(header, notesAt)
  const segmentsEnd = header.segmentsAt + count * segmentBytes
  if (bytes.length < segmentsEnd) return more(segmentsEnd)

  const segments = Array.from({ length: count }, (_, index) => readSegment(bytes, header, index)).filter(
    s => s !== null,
  )
  const notes = notesOf(segments, segmentsEnd)
  const readEnd = Math.min(endOfRange(notes), LARGEST_HEAD_BYTES)
  if (bytes.length < readEnd) return more(readEnd)
  const { countSection } = header
  const endBytes = Math.max(endOf(segments), countSection === null ? 0 : endOfRange(countSection))
  const noted = readCoreNotes(bytes.subarray(notes.offset, readEnd), header)
  if (readEnd < endOfRange(notes)) noted.threads = 0
  return { head: { machine: header.machine, endBytes, segments, countSection, ...noted } }
}

/** Where the notes are; of no length where there are none. */
function notesOf(segments: readonly ElfSegment[], segmentsEnd: number): CoreRange {
  const note = segments.find(segment => segment.type === PT_NOTE)
  return note === undefined
    ? { offset: segmentsEnd, lengthBytes: 0 }
    : { offset: note.fileOffset, lengthBytes: note.fileBytes }
}

/** Where the notes begin, which is where the program headers end. Only a count that overflowed needs it. */
function notesOffset(bytes: Buffer, header: ElfHeader): number | CoreHeadResult {
  if (!header.segmentCountOverflows) return 0
  const first = readSegment(bytes, header, 0)
  if (first === null) return more(header.segmentsAt + header.segmentBytes)
  return first.type === PT_NOTE
    ? first.fileOffset
    : { foreign: 'it has over 65,534 segments, and the first are not its notes' }
}

// With over 65,534 segments the real count stands in a section header at the very end of the file
// (elf(5), PN_XNUM), which a stream has not got yet. But the notes follow the program headers at once.
function segmentCount(header: ElfHeader, notesAt: number): number {
  if (!header.segmentCountOverflows) return header.segmentCount
  return Math.max(0, Math.floor((notesAt - header.segmentsAt) / header.segmentBytes))
}

/** `bytes` is always more than there is: a reader that has them already would read for ever. */
function more(bytes: number): CoreHeadResult {
  return bytes <= LARGEST_HEAD_BYTES
    ? { moreBytes: bytes }
    : { foreign: `its head claims to be ${bytes} bytes long` }
}

function endOf(segments: readonly ElfSegment[]): number {
  return segments.reduce((end, segment) => Math.max(end, segment.fileOffset + segment.fileBytes), 0)
}

/** The mapped file that holds `address`. */
export function fileAt({ files }: Pick<CoreHead, 'files'>, address: bigint): MappedFile | undefined {
  return files.find(({ start, end }) => address >= start && address < end)
}

/** The first segment that holds memory of `address`. */
export function segmentAt(head: CoreHead, address: bigint): ElfSegment | undefined {
  return head.segments.find(
    ({ type, address: start, memoryBytes }) =>
      type === PT_LOAD && address >= start && address < start + BigInt(memoryBytes),
  )
}
