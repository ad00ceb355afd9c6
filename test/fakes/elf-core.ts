import {
  coreFile,
  type DumpedMemory,
  HEADER_BYTES,
  header,
  mappedFiles,
  note,
  PAGE,
  SEGMENT_BYTES,
  segment,
} from './elf-file.ts'

/** What goes into a core made by {@link elfCore}. All that is left out gets a value that makes sense. */
export interface CoreParts {
  readonly pid?: number
  readonly comm?: string
  readonly threads?: number
  readonly signal?: { number: number; code: number; address: bigint }
  readonly instruction?: bigint
  /** Of each thread, the first one first; without it a thread has none. */
  readonly stackPointers?: readonly bigint[]
  /** Where the program began; without it there is no auxiliary vector. */
  readonly entry?: bigint
  /** Where its path is, behind its environment. */
  readonly programPath?: bigint
  readonly files?: readonly { start: bigint; end: bigint; pages: bigint; path: string | Buffer }[]
  readonly memory?: readonly DumpedMemory[]
  /** Writes the number of segments as the kernel does when it does not fit into 16 bits. */
  readonly overflowingCount?: boolean
}

const X86_64 = 62

/** An x86-64 core in the order in which Linux writes one: header, program headers, notes, pages. */
export function elfCore(parts: CoreParts = {}): Buffer {
  const memory = parts.memory ?? [{ address: 0x400000n, bytes: Buffer.alloc(2 * PAGE, 'heap') }]
  return coreFile({
    machine: X86_64,
    notes: coreNotes(parts),
    memory,
    overflows: parts.overflowingCount ?? false,
  })
}

/** What an ELF file's first page says, made by {@link elfPage}. */
export interface PageParts {
  /** With an interpreter it is a program that needs one. */
  readonly interpreter?: string
  /** As glibc's programs have it. */
  readonly abiTag?: boolean
  /** What of the file is loaded, and where; by default all of it, at 0x400000. */
  readonly loads?: readonly { readonly offset: number; readonly address: bigint; readonly size: number }[]
}

/** The first page of an ELF file that carries a build id. */
export function elfPage(
  buildId: Buffer,
  { interpreter, abiTag = false, loads = WHOLE }: PageParts = {},
): Buffer {
  const parts = [
    { type: 4, bytes: note('GNU', 3, buildId) },
    ...(abiTag ? [{ type: 4, bytes: note('GNU', 1, Buffer.alloc(16)) }] : []),
    ...(interpreter === undefined ? [] : [{ type: 3, bytes: Buffer.from(`${interpreter}\0`) }]),
  ]
  const count = parts.length + loads.length
  let offset = HEADER_BYTES + SEGMENT_BYTES * count
  const segments = parts.map(({ type, bytes }) => {
    offset += bytes.length
    return segment({ type, offset: offset - bytes.length, address: 0n, size: bytes.length })
  })
  const page = Buffer.concat([
    header({ count, type: 3, machine: X86_64 }),
    ...segments,
    ...loads.map(load => segment({ type: 1, ...load })),
    ...parts.map(({ bytes }) => bytes),
  ])
  return Buffer.concat([page, Buffer.alloc(PAGE - page.length)])
}

const WHOLE = [{ offset: 0, address: 0x40_0000n, size: 0x10_0000 }]

function coreNotes({
  pid = 7,
  comm = 'app',
  threads = 1,
  signal,
  instruction = 0x401000n,
  stackPointers = [],
  entry,
  programPath,
  files = [],
}: CoreParts): Buffer {
  const { number, code, address } = signal ?? { number: 11, code: 1, address: 0n }
  const status = Buffer.alloc(336)
  status.writeInt32LE(pid, 32)
  status.writeBigUInt64LE(instruction, 112 + 16 * 8)
  status.writeBigUInt64LE(stackPointers[0] ?? 0n, 112 + 19 * 8)
  const process = Buffer.alloc(136)
  process.writeInt32LE(pid, 24)
  process.write(comm, 40, 15)
  const info = Buffer.alloc(128)
  info.writeInt32LE(number, 0)
  info.writeInt32LE(code, 8)
  info.writeBigUInt64LE(address, 16)
  const others = Array.from({ length: threads - 1 }, (_, index) =>
    otherThread(stackPointers[index + 1] ?? 0n),
  )
  return Buffer.concat([
    note('CORE', 1, status),
    note('CORE', 3, process),
    note('CORE', 0x53494749, info),
    ...(entry === undefined ? [] : [note('CORE', 6, auxiliaryVector(entry, programPath))]),
    note('CORE', 0x46494c45, mappedFiles(files)),
    ...others,
  ])
}

function otherThread(stackPointer: bigint): Buffer {
  const status = Buffer.alloc(336)
  status.writeBigUInt64LE(stackPointer, 112 + 19 * 8)
  return note('CORE', 1, status)
}

/** AT_PAGESZ, AT_ENTRY, AT_EXECFN and AT_NULL, 64-bit. */
function auxiliaryVector(entry: bigint, programPath?: bigint): Buffer {
  const path = programPath === undefined ? [] : [31n, programPath]
  const words = [6n, 4096n, 9n, entry, ...path, 0n, 0n]
  const bytes = Buffer.alloc(words.length * 8)
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8)
  return bytes
}
