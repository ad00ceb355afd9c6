import { type CoreRange, endOfRange } from './core-range.ts'
import {
  address,
  type ElfHeader,
  type ElfSegment,
  hasWholeSegments,
  lengthOfText,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readNotes,
  readSegment,
  textIn,
} from './elf.ts'
import { shownText } from './shown-text.ts'

const ET_CORE = 4
const NT_PRSTATUS = 1
const NT_PRPSINFO = 3
const NT_AUXV = 6
const AT_ENTRY = 9n
const NT_SIGINFO = 0x53494749
const NT_FILE = 0x46494c45

/**
 * Of program headers and notes together, as much as is looked at; more than twice as much is held meanwhile, and four handlers
 * share `limits.memory` (1 GiB). 300,000 mappings have 16 MiB of program headers, by default a process may have 65,530; their names
 * are in the first notes, of which Linux writes 4 MiB (kernel.core_file_note_size_limit).
 */
const LARGEST_HEAD_BYTES = 24 * 1024 * 1024

/** What a core says before its first byte of memory. */
export interface CoreHead {
  /** Length of the whole core. One that ends earlier was cut off. */
  readonly endBytes: number
  readonly segments: readonly ElfSegment[]
  /** What must be kept although it is no segment: {@link ElfHeader.countSection}. */
  readonly countSection: CoreRange | null
  /** Files that were mapped, from NT_FILE. */
  readonly files: readonly MappedFile[]
  /** 0: there are more notes of them than are looked at. */
  readonly threads: number
  /** In the process's own pid namespace. Absent in 32-bit cores, as are the next three. */
  readonly pid?: number
  readonly comm?: string
  /** Where the crashing thread was. */
  readonly instruction?: bigint
  /** Of each thread that has one, the crashing one first; not of more than some hundreds, nor in 32-bit cores. */
  readonly stackPointers: readonly bigint[]
  /** Where the program began: it lies in the file that was executed. */
  readonly entry?: bigint
  readonly signal?: { readonly number: number; readonly code: number; readonly address: bigint }
}

export interface MappedFile {
  readonly start: bigint
  readonly end: bigint
  readonly fileOffset: bigint
  readonly path: string
}

// PATH_MAX. A file that somebody made up may say more.
const LONGEST_PATH_BYTES = 4096
// Of all of them: a byte that is no UTF-8 is four characters.
const MOST_PATH_CHARACTERS = 16 * 1024 * 1024

/**
 * Whether it is an ELF core, by its first 18 bytes. What begins so is worth keeping, even if {@link readCoreHead}
 * makes nothing of it: cut within its head, or of a machine with the other byte order.
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
  return { head: { endBytes, segments, countSection, ...noted } }
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

/** What the notes say, while they are read: of a million threads there would be a million copies. */
type Noted = { -readonly [field in keyof Told]: Told[field] }
type Told = Omit<CoreHead, 'endBytes' | 'segments' | 'countSection' | 'stackPointers'> & {
  readonly stackPointers: bigint[]
}

function readCoreNotes(bytes: Buffer, header: ElfHeader): Noted {
  const noted: Noted = { threads: 0, files: [], stackPointers: [] }
  for (const note of readNotes(bytes)) {
    if (note.name !== 'CORE') continue
    if (note.type === NT_PRSTATUS) noteThread(noted, note.bytes, header)
    if (note.type === NT_PRPSINFO) Object.assign(noted, processIn(note.bytes, header))
    if (note.type === NT_AUXV) Object.assign(noted, entryIn(note.bytes, header))
    if (note.type === NT_SIGINFO) Object.assign(noted, signalIn(note.bytes, header))
    if (note.type === NT_FILE) noted.files = [...filesIn(note.bytes, header)]
  }
  return noted
}

// struct elf_prstatus has 112 bytes before the registers in 64-bit ABIs. These are the instruction and the
// stack pointer's numbers in x86-64's user_regs_struct, and in arm64's user_pt_regs.
const REGISTERS_AT = 112
const REGISTERS: Record<number, { readonly instruction: number; readonly stack: number }> = {
  62: { instruction: 16, stack: 19 },
  183: { instruction: 32, stack: 31 },
}
const MOST_STACKS = 512

/** The first thread in a core is the one that crashed. */
function noteThread(noted: Noted, bytes: Buffer, { machine, addressBytes }: ElfHeader): void {
  const isFirst = noted.threads === 0
  noted.threads += 1
  const numbers = addressBytes === 8 ? REGISTERS[machine] : undefined
  if (numbers === undefined || noted.stackPointers.length === MOST_STACKS) return
  const [instruction, stack] = [numbers.instruction, numbers.stack].map(number => registerIn(bytes, number))
  if (isFirst && instruction !== undefined) noted.instruction = instruction
  if (stack) noted.stackPointers.push(stack)
}

function registerIn(bytes: Buffer, number: number): bigint | undefined {
  const at = REGISTERS_AT + number * 8
  return bytes.length < at + 8 ? undefined : bytes.readBigUInt64LE(at)
}

/** struct elf_prpsinfo, 64-bit: the pid at 24, the name at 40. */
function processIn(bytes: Buffer, { addressBytes }: ElfHeader): Pick<Noted, 'pid' | 'comm'> {
  if (addressBytes !== 8 || bytes.length < 56) return {}
  const pid = bytes.readInt32LE(24)
  return { ...(pid > 0 ? { pid } : {}), comm: textIn(bytes.subarray(40, 56)) }
}

/** The auxiliary vector, getauxval(3): pairs of a type and a value. */
function entryIn(bytes: Buffer, { addressBytes }: ElfHeader): Pick<Noted, 'entry'> {
  for (let at = 0; at + 2 * addressBytes <= bytes.length; at += 2 * addressBytes) {
    if (address(bytes, at, addressBytes) === AT_ENTRY)
      return { entry: address(bytes, at + addressBytes, addressBytes) }
  }
  return {}
}

/** siginfo_t: si_signo, si_errno, si_code, then the address, aligned to its size. */
function signalIn(bytes: Buffer, { addressBytes }: ElfHeader): Pick<Noted, 'signal'> {
  const addressAt = addressBytes === 8 ? 16 : 12
  if (bytes.length < addressAt + addressBytes || bytes.readInt32LE(0) < 1) return {}
  return {
    signal: {
      number: bytes.readInt32LE(0),
      code: bytes.readInt32LE(8),
      address: address(bytes, addressAt, addressBytes),
    },
  }
}

/** NT_FILE: count, page size, then start, end and offset in pages of each, then the names. */
function* filesIn(bytes: Buffer, { addressBytes }: ElfHeader): Generator<MappedFile> {
  const word = (index: number) => address(bytes, index * addressBytes, addressBytes)
  if (bytes.length < 2 * addressBytes) return
  const count = Number(word(0))
  const pageBytes = word(1)
  let nameAt = (2 + 3 * count) * addressBytes
  let characters = 0
  for (let index = 0; index < count && nameAt < bytes.length; index += 1) {
    const name = bytes.subarray(nameAt)
    const nameBytes = lengthOfText(name)
    const path = shownText(name.subarray(0, Math.min(nameBytes, LONGEST_PATH_BYTES)))
    characters += path.length
    if (characters > MOST_PATH_CHARACTERS) return
    const entry = 2 + 3 * index
    const fileOffset = word(entry + 2) * pageBytes
    yield { start: word(entry), end: word(entry + 1), fileOffset, path }
    nameAt += nameBytes + 1
  }
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
