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
  readonly files?: readonly { start: bigint; end: bigint; pages: bigint; path: string | Buffer }[]
  /** Segments of memory: where it was, and what it held. */
  readonly memory?: readonly { address: bigint; bytes: Buffer }[]
  /** Writes the number of segments as the kernel does when it does not fit into 16 bits. */
  readonly overflowingCount?: boolean
}

const PAGE = 4096
const HEADER_BYTES = 64
const SEGMENT_BYTES = 56
const SECTION_BYTES = 64

/** An x86-64 core in the order in which Linux writes one: header, program headers, notes, pages. */
export function elfCore(parts: CoreParts = {}): Buffer {
  const memory = parts.memory ?? [{ address: 0x400000n, bytes: Buffer.alloc(2 * PAGE, 'heap') }]
  const notes = coreNotes(parts)
  const notesAt = HEADER_BYTES + SEGMENT_BYTES * (memory.length + 1)
  const segments = [{ type: 4, offset: notesAt, address: 0n, size: notes.length }]
  let offset = Math.ceil((notesAt + notes.length) / PAGE) * PAGE
  for (const { address, bytes } of memory) {
    segments.push({ type: 1, offset, address, size: bytes.length })
    offset += bytes.length
  }
  const head = Buffer.concat([
    header(segments.length, parts.overflowingCount ? offset : null),
    ...segments.map(segment),
    notes,
  ])
  const padding = Buffer.alloc(Math.ceil(head.length / PAGE) * PAGE - head.length)
  const count = parts.overflowingCount ? [countSection(segments.length)] : []
  return Buffer.concat([head, padding, ...memory.map(({ bytes }) => bytes), ...count])
}

/** fs/binfmt_elf.c, fill_extnum_info: sh_size is the number of sections, sh_info that of segments. */
function countSection(segments: number): Buffer {
  const bytes = Buffer.alloc(SECTION_BYTES)
  bytes.writeBigUInt64LE(1n, 32)
  bytes.writeUInt32LE(segments, 44)
  return bytes
}

/** The first page of an ELF file that carries a build id; with an `interpreter` it is a program that needs one. */
export function elfPage(buildId: Buffer, interpreter?: string): Buffer {
  const parts = [
    { type: 4, bytes: note('GNU', 3, buildId) },
    ...(interpreter === undefined ? [] : [{ type: 3, bytes: Buffer.from(`${interpreter}\0`) }]),
  ]
  let offset = HEADER_BYTES + SEGMENT_BYTES * parts.length
  const segments = parts.map(({ type, bytes }) => {
    offset += bytes.length
    return segment({ type, offset: offset - bytes.length, address: 0n, size: bytes.length })
  })
  const page = Buffer.concat([header(parts.length, null, 3), ...segments, ...parts.map(({ bytes }) => bytes)])
  return Buffer.concat([page, Buffer.alloc(PAGE - page.length)])
}

/** `countAt`: where the section header is that holds the count. */
function header(count: number, countAt: number | null, type = 4): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(type, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeBigUInt64LE(BigInt(HEADER_BYTES), 32)
  bytes.writeUInt16LE(SEGMENT_BYTES, 54)
  bytes.writeUInt16LE(countAt === null ? count : 0xffff, 56)
  if (countAt === null) return bytes
  bytes.writeBigUInt64LE(BigInt(countAt), 40)
  bytes.writeUInt16LE(SECTION_BYTES, 58)
  bytes.writeUInt16LE(1, 60)
  return bytes
}

function segment({
  type,
  offset,
  address,
  size,
}: {
  type: number
  offset: number
  address: bigint
  size: number
}): Buffer {
  const bytes = Buffer.alloc(SEGMENT_BYTES)
  bytes.writeUInt32LE(type, 0)
  bytes.writeUInt32LE(6, 4)
  bytes.writeBigUInt64LE(BigInt(offset), 8)
  bytes.writeBigUInt64LE(address, 16)
  bytes.writeBigUInt64LE(BigInt(size), 32)
  bytes.writeBigUInt64LE(BigInt(size), 40)
  return bytes
}

function coreNotes({
  pid = 7,
  comm = 'app',
  threads = 1,
  signal,
  instruction = 0x401000n,
  stackPointers = [],
  entry,
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
    ...(entry === undefined ? [] : [note('CORE', 6, auxiliaryVector(entry))]),
    note('CORE', 0x46494c45, mappedFiles(files)),
    ...others,
  ])
}

function otherThread(stackPointer: bigint): Buffer {
  const status = Buffer.alloc(336)
  status.writeBigUInt64LE(stackPointer, 112 + 19 * 8)
  return note('CORE', 1, status)
}

/** AT_PAGESZ, AT_ENTRY and AT_NULL, 64-bit. */
function auxiliaryVector(entry: bigint): Buffer {
  const words = [6n, 4096n, 9n, entry, 0n, 0n]
  const bytes = Buffer.alloc(words.length * 8)
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8)
  return bytes
}

function mappedFiles(files: NonNullable<CoreParts['files']>): Buffer {
  const words = [
    BigInt(files.length),
    BigInt(PAGE),
    ...files.flatMap(({ start, end, pages }) => [start, end, pages]),
  ]
  const bytes = Buffer.alloc(words.length * 8)
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8)
  return Buffer.concat([bytes, ...files.flatMap(({ path }) => [Buffer.from(path), Buffer.alloc(1)])])
}

function note(name: string, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(name.length + 1, 0)
  head.writeUInt32LE(content.length, 4)
  head.writeUInt32LE(type, 8)
  return Buffer.concat([head, padded(Buffer.from(`${name}\0`)), padded(content)])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / 4) * 4 - bytes.length)])
}
