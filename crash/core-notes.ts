import { address, type ElfHeader, readNotes, textIn } from './elf.ts'
import { filesInNote, type MappedFile } from './mapped-file.ts'
import { type SignalInfo, signalInfoIn } from './signal-info.ts'

const NT_PRSTATUS = 1
const NT_PRPSINFO = 3
const NT_AUXV = 6
const AT_ENTRY = 9n
const AT_EXECFN = 31n
const AT_SYSINFO_EHDR = 33n
const NT_SIGINFO = 0x53494749
const NT_FILE = 0x46494c45

/** What the notes of a core say of the process. */
export interface CoreNotes {
  /**
   * Files that were mapped, from NT_FILE; none where there is no such note: the kernel leaves it out above
   * 65,535 mappings.
   */
  readonly files: readonly MappedFile[]
  /** 0: there are more notes of them than are looked at. */
  readonly threads: number
  /** In the process's own pid namespace. */
  readonly pid?: number
  /** The crashing thread, in the same pid namespace. */
  readonly threadId?: number
  readonly comm?: string
  /** Where the crashing thread was. */
  readonly instruction?: bigint
  /**
   * Of each thread, the crashing one first; not of more than some hundreds. None where registers of its machine are not
   * known. A program may set it to what is no address.
   */
  readonly stackPointers: readonly bigint[]
  /**
   * The NT_PRSTATUS notes of the first threads, the crashing one first: their registers; not of more than some
   * dozens.
   */
  readonly statuses: readonly Buffer[]
  /** Where the program began: it lies in the file that was executed. */
  readonly entry?: bigint
  /** Where the kernel put the path of the program: behind its arguments and its environment, at the top of the first stack. */
  readonly programPath?: bigint
  /** Where the kernel's own code lies that it maps into each process. */
  readonly vdso?: bigint
  readonly signal?: SignalInfo
}

/** The same while it is read: of a million threads there would be a million copies. */
type Noted = { -readonly [field in keyof CoreNotes]: CoreNotes[field] } & {
  stackPointers: bigint[]
  statuses: Buffer[]
}

/** Reads the notes of a core: threads, the process, its signal and its files. */
export function readCoreNotes(bytes: Buffer, header: ElfHeader): Noted {
  const noted: Noted = { threads: 0, files: [], stackPointers: [], statuses: [] }
  for (const note of readNotes(bytes)) {
    if (note.name !== 'CORE') continue
    if (note.type === NT_PRSTATUS) noteThread(noted, note.bytes, header)
    if (note.type === NT_PRPSINFO) Object.assign(noted, processIn(note.bytes, header))
    if (note.type === NT_AUXV) Object.assign(noted, auxiliaryIn(note.bytes, header))
    if (note.type === NT_SIGINFO) {
      const signal = signalInfoIn(note.bytes, header.addressBytes)
      if (signal !== null) noted.signal = signal
    }
    if (note.type === NT_FILE) noted.files = [...filesInNote(note.bytes, header)]
  }
  return noted
}

/**
 * Of the notes in `bytes`, which go on behind it, those of threads that are whole; the first has those of the process,
 * too (fs/binfmt_elf.c, fill_note_info).
 */
export function wholeThreads(bytes: Buffer): Buffer {
  let end = 0
  for (const { name, type, at } of readNotes(bytes)) if (name === 'CORE' && type === NT_PRSTATUS) end = at
  return bytes.subarray(0, end)
}

/**
 * Where the notes of ELF's two classes have what is read of them: struct elf_prstatus and elf_prpsinfo
 * (linux/elfcore.h).
 */
interface NoteLayout {
  readonly status: { readonly threadId: number; readonly registers: number }
  readonly process: { readonly pid: number; readonly comm: number }
}

const NOTES: Readonly<Record<4 | 8, NoteLayout>> = {
  8: { status: { threadId: 32, registers: 112 }, process: { pid: 24, comm: 40 } },
  // uid and gid have 16 bits each, on i386 and arm.
  4: { status: { threadId: 24, registers: 72 }, process: { pid: 12, comm: 28 } },
}

/**
 * The instruction and the stack pointer's numbers in user_regs_struct of i386 and x86-64, arm's pt_regs, and
 * arm64's user_pt_regs.
 */
const REGISTERS: Readonly<Record<string, { readonly instruction: number; readonly stack: number }>> = {
  '3/4': { instruction: 12, stack: 15 },
  '40/4': { instruction: 15, stack: 13 },
  '62/8': { instruction: 16, stack: 19 },
  '183/8': { instruction: 32, stack: 31 },
}
const MOST_STACKS = 512
const MOST_STATUSES = 64
/** Of aarch64 it has 392. */
const LONGEST_STATUS_BYTES = 512

/** The first thread in a core is the one that crashed. */
function noteThread(noted: Noted, bytes: Buffer, { machine, addressBytes }: ElfHeader): void {
  const isFirst = noted.threads === 0
  noted.threads += 1
  const { status } = NOTES[addressBytes]
  const threadId = threadIdIn(bytes, addressBytes)
  // A copy: the block that it lies in is used again.
  if (noted.statuses.length < MOST_STATUSES)
    noted.statuses.push(Buffer.from(bytes.subarray(0, LONGEST_STATUS_BYTES)))
  if (isFirst && threadId !== undefined) noted.threadId = threadId
  const numbers = REGISTERS[`${machine}/${addressBytes}`]
  if (numbers === undefined || noted.stackPointers.length === MOST_STACKS) return
  const [instruction, stack] = [numbers.instruction, numbers.stack].map(number => {
    const at = status.registers + number * addressBytes
    return bytes.length < at + addressBytes ? undefined : address(bytes, at, addressBytes)
  })
  if (isFirst && instruction !== undefined) noted.instruction = instruction
  if (stack !== undefined) noted.stackPointers.push(stack)
}

/** The thread that an NT_PRSTATUS note is of, in the process's own pid namespace. */
export function threadIdIn(status: Buffer, addressBytes: 4 | 8): number | undefined {
  return idAt(status, NOTES[addressBytes].status.threadId)
}

const COMM_BYTES = 16

function processIn(bytes: Buffer, { addressBytes }: ElfHeader): Pick<Noted, 'pid' | 'comm'> {
  const { process } = NOTES[addressBytes]
  if (bytes.length < process.comm + COMM_BYTES) return {}
  const pid = idAt(bytes, process.pid)
  const comm = textIn(bytes.subarray(process.comm, process.comm + COMM_BYTES))
  return { ...(pid === undefined ? {} : { pid }), comm }
}

/** The id of a process or thread at `at`, if it is one. */
function idAt(bytes: Buffer, at: number): number | undefined {
  const id = bytes.length < at + 4 ? 0 : bytes.readInt32LE(at)
  return id > 0 ? id : undefined
}

/** The auxiliary vector, getauxval(3): pairs of a type and a value. */
function auxiliaryIn(
  bytes: Buffer,
  { addressBytes }: ElfHeader,
): Pick<Noted, 'entry' | 'programPath' | 'vdso'> {
  const found: Pick<Noted, 'entry' | 'programPath' | 'vdso'> = {}
  for (let at = 0; at + 2 * addressBytes <= bytes.length; at += 2 * addressBytes) {
    const type = address(bytes, at, addressBytes)
    const value = address(bytes, at + addressBytes, addressBytes)
    if (type === AT_ENTRY) found.entry ??= value
    if (type === AT_EXECFN) found.programPath ??= value
    if (type === AT_SYSINFO_EHDR) found.vdso ??= value
  }
  return found
}
