/** What is the same in all ELF files that tests and demo write: 64-bit, little-endian, elf(5). */

export const PAGE = 4096
export const HEADER_BYTES = 64
export const SEGMENT_BYTES = 56
const SECTION_BYTES = 64

/** Memory of a process in a core; `memoryBytes` beyond its bytes were not dumped. */
export interface DumpedMemory {
  readonly address: bigint
  readonly bytes: Buffer
  readonly memoryBytes?: number
  /** Of a program header: 1 execute, 2 write, 4 read. */
  readonly flags?: number
}

/** A core in the order in which Linux writes one: header, program headers, notes, pages. */
export function coreFile({
  machine,
  notes,
  memory,
  overflows = false,
}: {
  readonly machine: number
  readonly notes: Buffer
  readonly memory: readonly DumpedMemory[]
  readonly overflows?: boolean
}): Buffer {
  const notesAt = HEADER_BYTES + SEGMENT_BYTES * (memory.length + 1)
  const headers = [segment({ type: 4, offset: notesAt, address: 0n, size: notes.length })]
  let offset = Math.ceil((notesAt + notes.length) / PAGE) * PAGE
  for (const { bytes, ...place } of memory) {
    headers.push(segment({ type: 1, offset, size: bytes.length, ...place }))
    offset += bytes.length
  }
  const countAt = overflows ? offset : null
  const head = Buffer.concat([
    header({ count: headers.length, countAt, type: 4, machine }),
    ...headers,
    notes,
  ])
  const padding = Buffer.alloc(Math.ceil(head.length / PAGE) * PAGE - head.length)
  const count = overflows ? [countSection(headers.length)] : []
  return Buffer.concat([head, padding, ...memory.map(({ bytes }) => bytes), ...count])
}

/** fs/binfmt_elf.c, fill_extnum_info: sh_size is the number of sections, sh_info that of segments. */
function countSection(segments: number): Buffer {
  const bytes = Buffer.alloc(SECTION_BYTES)
  bytes.writeBigUInt64LE(1n, 32)
  bytes.writeUInt32LE(segments, 44)
  return bytes
}

/** `countAt`: where the section header is that holds the count, if it does not fit into 16 bits. */
export function header({
  count,
  countAt = null,
  type,
  machine,
}: {
  readonly count: number
  readonly countAt?: number | null
  readonly type: number
  readonly machine: number
}): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(type, 16)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(HEADER_BYTES), 32)
  bytes.writeUInt16LE(HEADER_BYTES, 52)
  bytes.writeUInt16LE(SEGMENT_BYTES, 54)
  bytes.writeUInt16LE(countAt === null ? count : 0xffff, 56)
  if (countAt === null) return bytes
  bytes.writeBigUInt64LE(BigInt(countAt), 40)
  bytes.writeUInt16LE(SECTION_BYTES, 58)
  bytes.writeUInt16LE(1, 60)
  return bytes
}

export function segment({
  type,
  offset,
  address,
  size,
  memoryBytes = size,
  flags = 6,
}: {
  readonly type: number
  readonly offset: number
  readonly address: bigint
  readonly size: number
  readonly memoryBytes?: number
  readonly flags?: number
}): Buffer {
  const bytes = Buffer.alloc(SEGMENT_BYTES)
  bytes.writeUInt32LE(type, 0)
  bytes.writeUInt32LE(flags, 4)
  bytes.writeBigUInt64LE(BigInt(offset), 8)
  bytes.writeBigUInt64LE(address, 16)
  bytes.writeBigUInt64LE(BigInt(size), 32)
  bytes.writeBigUInt64LE(BigInt(memoryBytes), 40)
  return bytes
}

/** What NT_FILE holds; `pages` is where in the file it begins. */
export function mappedFiles(
  files: readonly { start: bigint; end: bigint; pages: bigint; path: string | Buffer }[],
): Buffer {
  const words = [
    BigInt(files.length),
    BigInt(PAGE),
    ...files.flatMap(({ start, end, pages }) => [start, end, pages]),
  ]
  const bytes = Buffer.alloc(words.length * 8)
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8)
  return Buffer.concat([bytes, ...files.flatMap(({ path }) => [Buffer.from(path), Buffer.alloc(1)])])
}

export function note(name: string, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(name.length + 1, 0)
  head.writeUInt32LE(content.length, 4)
  head.writeUInt32LE(type, 8)
  return Buffer.concat([head, padded(Buffer.from(`${name}\0`)), padded(content)])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / 4) * 4 - bytes.length)])
}
