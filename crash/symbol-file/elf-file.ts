import { deflateSync } from 'node:zlib'
import { PT_LOAD, PT_NOTE } from '../elf.ts'
import { SHT_NOBITS } from '../image/section.ts'
import { ByteWriter } from './byte-writer.ts'

/** A section to be written; `null` as content: it has none, and says only where it is in memory. */
export interface WrittenSection {
  readonly name: string
  readonly type: number
  readonly flags: bigint
  readonly address: bigint
  readonly content: Buffer | null
  /** As it is in memory, where there is no content. */
  readonly sizeBytes: number
  /** By its name: of a table of symbols that of their names. */
  readonly link?: string
  readonly info?: number
  readonly entryBytes?: number
  readonly alignment: number
}

const [HEADER_BYTES, SEGMENT_BYTES, SECTION_BYTES] = [64, 56, 64]
const SHT_STRTAB = 3
const PT_PHDR = 6
const SHF_COMPRESSED = 0x800n
const COMPRESSED_ZLIB = 1
const [WORTH_COMPRESSING_BYTES, LARGEST_COMPRESSED_BYTES] = [1024, 64 << 20]

/** A section of DWARF, compressed where that helps and all readers take it. */
export function debugSection(name: string, content: Buffer): WrittenSection {
  const plain = { name, type: 1, flags: 0n, address: 0n, sizeBytes: 0, alignment: 1 }
  if (content.length < WORTH_COMPRESSING_BYTES || content.length > LARGEST_COMPRESSED_BYTES)
    return { ...plain, content }
  const header = new ByteWriter()
    .unsigned(COMPRESSED_ZLIB, 4)
    .unsigned(0, 4)
    .long(BigInt(content.length))
    .long(1n)
  return {
    ...plain,
    flags: SHF_COMPRESSED,
    alignment: 8,
    content: header.bytes(deflateSync(content, { level: 9 })).done(),
  }
}

/**
 * An ELF64 file with the header and the program headers of another one, which load nothing here, so that all
 * addresses are as they are there.
 */
export function elfFile(header: Buffer, segments: Buffer, sections: readonly WrittenSection[]): Buffer {
  const names = new ByteWriter().unsigned(0, 1)
  const all = [...sections, section('.shstrtab', SHT_STRTAB)]
  const nameOffsets = all.map(({ name }) => {
    const at = names.length
    names.text(name)
    return at
  })
  const body = new ByteWriter().bytes(Buffer.alloc(HEADER_BYTES)).bytes(segments)
  const placed = all.map((one, index) => {
    const content = index === all.length - 1 ? names.done() : one.content
    if (content !== null) body.align(one.alignment)
    const offset = body.length
    if (content !== null) body.bytes(content)
    return { ...one, offset, sizeBytes: content?.length ?? one.sizeBytes, nameAt: nameOffsets[index]! }
  })
  body.align(8)
  const sectionsAt = body.length
  body.bytes(Buffer.alloc(SECTION_BYTES))
  for (const one of placed) body.bytes(sectionHeader(one, placed))
  const file = body.done()
  file.set(fileHeader(header, { segments, sectionsAt, sectionCount: placed.length + 1 }))
  file.set(emptiedSegments(segments, placed), HEADER_BYTES)
  return file
}

function section(name: string, type: number): WrittenSection {
  return { name, type, flags: 0n, address: 0n, content: Buffer.alloc(0), sizeBytes: 0, alignment: 1 }
}

interface PlacedSection extends WrittenSection {
  readonly offset: number
  readonly nameAt: number
}

function sectionHeader(
  {
    nameAt,
    type,
    content,
    flags,
    address,
    offset,
    sizeBytes,
    link,
    info,
    entryBytes,
    alignment,
  }: PlacedSection,
  all: readonly PlacedSection[],
): Buffer {
  const linked = link === undefined ? 0 : all.findIndex(({ name }) => name === link) + 1
  return new ByteWriter()
    .unsigned(nameAt, 4)
    .unsigned(content === null ? SHT_NOBITS : type, 4)
    .long(flags)
    .long(address)
    .long(BigInt(offset))
    .long(BigInt(sizeBytes))
    .unsigned(linked, 4)
    .unsigned(info ?? 0, 4)
    .long(BigInt(alignment))
    .long(BigInt(entryBytes ?? 0))
    .done()
}

/** e_phoff, e_shoff, and what follows e_flags: sizes and counts of both tables. */
function fileHeader(
  header: Buffer,
  written: { readonly segments: Buffer; readonly sectionsAt: number; readonly sectionCount: number },
): Buffer {
  const copy = Buffer.from(header.subarray(0, HEADER_BYTES))
  const { segments, sectionsAt, sectionCount } = written
  copy.writeBigUInt64LE(segments.length === 0 ? 0n : BigInt(HEADER_BYTES), 32)
  copy.writeBigUInt64LE(BigInt(sectionsAt), 40)
  copy.writeUInt16LE(HEADER_BYTES, 52)
  copy.writeUInt16LE(SEGMENT_BYTES, 54)
  copy.writeUInt16LE(segments.length / SEGMENT_BYTES, 56)
  copy.writeUInt16LE(SECTION_BYTES, 58)
  copy.writeUInt16LE(sectionCount, 60)
  copy.writeUInt16LE(sectionCount - 1, 62)
  return copy
}

/** They load nothing of this file, but for the headers and the notes that are in it. */
function emptiedSegments(segments: Buffer, sections: readonly PlacedSection[]): Buffer {
  const copy = Buffer.from(segments)
  for (let at = 0; at < copy.length; at += SEGMENT_BYTES) {
    const { offset, sizeBytes } = placeOf(copy.subarray(at, at + SEGMENT_BYTES), segments.length, sections)
    copy.writeBigUInt64LE(offset, at + 8)
    copy.writeBigUInt64LE(sizeBytes, at + 32)
  }
  return copy
}

function placeOf(
  segment: Buffer,
  segmentsBytes: number,
  sections: readonly PlacedSection[],
): { readonly offset: bigint; readonly sizeBytes: bigint } {
  const [type, fileOffset, address] = [
    segment.readUInt32LE(0),
    segment.readBigUInt64LE(8),
    segment.readBigUInt64LE(16),
  ]
  const [memoryBytes, alignment] = [segment.readBigUInt64LE(40), segment.readBigUInt64LE(48)]
  const headersBytes = BigInt(HEADER_BYTES + segmentsBytes)
  if (type === PT_PHDR) return { offset: BigInt(HEADER_BYTES), sizeBytes: memoryBytes }
  if (type === PT_LOAD && fileOffset === 0n)
    return { offset: 0n, sizeBytes: memoryBytes < headersBytes ? memoryBytes : headersBytes }
  const end = address + memoryBytes
  const isWithin = ({ content, address: at }: PlacedSection) => content !== null && at >= address && at < end
  const held = type === PT_NOTE ? sections.find(isWithin) : undefined
  if (held !== undefined) return { offset: BigInt(held.offset), sizeBytes: BigInt(held.sizeBytes) }
  // A loader wants the two alike in their pages, and some readers look.
  return { offset: alignment > 1n ? address % alignment : 0n, sizeBytes: 0n }
}
