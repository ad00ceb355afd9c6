import type { FileBytes } from './file-bytes.ts'

/** A section header (elf(5)) with its name. */
export interface Section {
  readonly name: string
  readonly type: number
  readonly flags: bigint
  /** As the program headers have it; 0: it is not loaded. */
  readonly address: bigint
  readonly fileOffset: number
  /** As it stands in the file: compressed, if it is. */
  readonly fileBytes: number
  /** The index of the section that belongs to it: of a symbol table, that of its names. */
  readonly link: number
  readonly entryBytes: number
}

export const [SHT_NOTE, SHT_NOBITS] = [7, 8] as const
const HEADER_BYTES = 64
/** A program of the usual compilers has 40; one of hostile making may claim 2^32. */
const MOST_SECTIONS = 1024
const LARGEST_NAMES_BYTES = 64 * 1024
const LONGEST_NAME_BYTES = 64
const SHN_XINDEX = 0xffff

/** The section headers of an ELF64 file; none if it has none, as a file that was stripped of them. */
export function readSections(file: FileBytes): readonly Section[] {
  const header = file.read(0, 64)
  if (header === null) return []
  const at = Number(header.readBigUInt64LE(40))
  if (at === 0 || header.readUInt16LE(58) !== HEADER_BYTES) return []
  const first = file.read(at, HEADER_BYTES)
  if (first === null) return []
  // With 65,280 sections or more, the numbers stand in the first of them.
  const count = header.readUInt16LE(60) || Number(first.readBigUInt64LE(32))
  const namesIndex = header.readUInt16LE(62) === SHN_XINDEX ? first.readUInt32LE(40) : header.readUInt16LE(62)
  const table = file.read(at, Math.min(count, MOST_SECTIONS) * HEADER_BYTES)
  if (table === null) return []
  const names = namesIn(file, table, namesIndex)
  const indices = Array.from({ length: table.length / HEADER_BYTES }, (_, index) => index)
  return indices.map(index => sectionAt(table.subarray(index * HEADER_BYTES), names))
}

function namesIn(file: FileBytes, table: Buffer, index: number): Buffer {
  const header = table.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES)
  if (header.length < HEADER_BYTES) return Buffer.alloc(0)
  const { fileOffset, fileBytes } = sectionAt(header, Buffer.alloc(0))
  return file.read(fileOffset, Math.min(fileBytes, LARGEST_NAMES_BYTES)) ?? Buffer.alloc(0)
}

function sectionAt(header: Buffer, names: Buffer): Section {
  const name = names.subarray(header.readUInt32LE(0)).subarray(0, LONGEST_NAME_BYTES)
  const end = name.indexOf(0)
  return {
    name: name.toString('latin1', 0, end === -1 ? name.length : end),
    type: header.readUInt32LE(4),
    flags: header.readBigUInt64LE(8),
    address: header.readBigUInt64LE(16),
    fileOffset: Number(header.readBigUInt64LE(24)),
    fileBytes: Number(header.readBigUInt64LE(32)),
    link: header.readUInt32LE(40),
    entryBytes: Number(header.readBigUInt64LE(56)),
  }
}
