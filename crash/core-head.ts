import { type CoreRange, endOfRange } from './core-range.ts'
import {
  address,
  type ElfHeader,
  type ElfSegment,
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

// The kernel caps the notes at 16 MiB (core_file_note_size_limit), and 2^20 mappings, far above the
// default max_map_count, have 56 MiB of program headers. What wants more is no core of the kernel's.
const LARGEST_HEAD_BYTES = 128 * 1024 * 1024

/** What a core says before its first byte of memory. */
export interface CoreHead {
  /** Length of the whole core. One that ends earlier was cut off. */
  readonly endBytes: number
  readonly segments: readonly ElfSegment[]
  /** What must be kept although it is no segment: {@link ElfHeader.countSection}. */
  readonly countSection: CoreRange | null
  /** Files that were mapped, from NT_FILE. */
  readonly files: readonly MappedFile[]
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
  if (header.type !== ET_CORE) return { foreign: `it is an ELF file of type ${header.type}, not a core` }
  if (header.segmentBytes === 0) return { foreign: 'its program headers have no size' }

  const notesAt = notesOffset(bytes, header)
  if (typeof notesAt !== 'number') return notesAt
  const count = segmentCount(header, notesAt)
  const segmentsEnd = header.segmentsAt + count * header.segmentBytes
  if (bytes.length < segmentsEnd) return more(segmentsEnd)

  const segments = Array.from({ length: count }, (_, index) => readSegment(bytes, header, index)).filter(
    s => s !== null,
  )
  const note = segments.find(segment => segment.type === PT_NOTE)
  const notesEnd = note === undefined ? segmentsEnd : note.fileOffset + note.fileBytes
  if (bytes.length < notesEnd) return more(notesEnd)

  const notes = note === undefined ? bytes.subarray(0, 0) : bytes.subarray(note.fileOffset, notesEnd)
  const { countSection } = header
  const endBytes = Math.max(endOf(segments), countSection === null ? 0 : endOfRange(countSection))
  return { head: { endBytes, segments, countSection, ...readCoreNotes(notes, header) } }
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

function more(bytes: number): CoreHeadResult {
  return bytes <= LARGEST_HEAD_BYTES
    ? { moreBytes: bytes }
    : { foreign: `its head claims to be ${bytes} bytes long` }
}

function endOf(segments: readonly ElfSegment[]): number {
  return segments.reduce((end, segment) => Math.max(end, segment.fileOffset + segment.fileBytes), 0)
}

type Noted = Omit<CoreHead, 'endBytes' | 'segments' | 'countSection'>

function readCoreNotes(bytes: Buffer, header: ElfHeader): Noted {
  let noted: Noted = { threads: 0, files: [], stackPointers: [] }
  for (const note of readNotes(bytes)) {
    if (note.name !== 'CORE') continue
    if (note.type === NT_PRSTATUS)
      noted = { ...noted, ...threadIn(noted, note.bytes, header), threads: noted.threads + 1 }
    if (note.type === NT_PRPSINFO) noted = { ...noted, ...processIn(note.bytes, header) }
    if (note.type === NT_AUXV) noted = { ...noted, ...entryIn(note.bytes, header) }
    if (note.type === NT_SIGINFO) noted = { ...noted, ...signalIn(note.bytes, header) }
    if (note.type === NT_FILE) noted = { ...noted, files: [...filesIn(note.bytes, header)] }
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
function threadIn(
  { threads, stackPointers }: Noted,
  bytes: Buffer,
  { machine, addressBytes }: ElfHeader,
): Partial<Pick<Noted, 'instruction' | 'stackPointers'>> {
  const numbers = addressBytes === 8 ? REGISTERS[machine] : undefined
  if (numbers === undefined || stackPointers.length === MOST_STACKS) return {}
  const [instruction, stack] = [numbers.instruction, numbers.stack].map(number => registerIn(bytes, number))
  return {
    ...(threads === 0 && instruction !== undefined && { instruction }),
    ...(stack && { stackPointers: [...stackPointers, stack] }),
  }
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
  for (let index = 0; index < count && nameAt < bytes.length; index += 1) {
    const name = bytes.subarray(nameAt)
    const nameBytes = lengthOfText(name)
    const path = shownText(name.subarray(0, Math.min(nameBytes, LONGEST_PATH_BYTES)))
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
