import type { FileBytes } from '../../../crash/image/file-bytes.ts'

/** A section of a file that is not there: its bytes are made when they are asked for. */
export interface HostileSection {
  readonly name: string
  readonly type?: number
  readonly flags?: number
  readonly link?: number
  readonly sizeBytes: number
  /** Into `bytes`, which are zeros, what stands from `at` on. */
  readonly write?: (bytes: Buffer, at: number) => void
}

export interface HostileSegment {
  readonly type?: number
  readonly flags?: number
  readonly address: number
  /** Of the section by whose bytes it is; its size is the section's. */
  readonly section: string
}

/** What was asked of the file. */
export interface Asked {
  reads: number
  bytes: number
}

const [HEADER_BYTES, SEGMENT_BYTES, SECTION_BYTES] = [64, 56, 64]
/** How far sections are apart. */
const APART = 2 ** 36

/** An ELF file of x86-64 as large as it likes, and how much of it was read. */
export function hostileFile(
  sections: readonly HostileSection[],
  segments: readonly HostileSegment[] = [],
): { readonly file: FileBytes; readonly asked: Asked } {
  const asked = { reads: 0, bytes: 0 }
  const names = Buffer.from(`\0${sections.map(({ name }) => name).join('\0')}\0.names\0`, 'latin1')
  const all = [{ name: '', type: 0, sizeBytes: 0 }, ...sections, ofBytes('.names', names)]
  const head = headOf(all, segments, names)
  const file: FileBytes = {
    sizeBytes: APART * (all.length + 1),
    read(offset, lengthBytes) {
      if (offset < 0 || lengthBytes < 0 || lengthBytes > 1 << 30) return null
      asked.reads += 1
      asked.bytes += lengthBytes
      const at = offset % APART
      if (offset < APART) return at + lengthBytes > head.length ? null : head.subarray(at, at + lengthBytes)
      const section = all[Math.floor(offset / APART)]
      if (section === undefined || at + lengthBytes > section.sizeBytes) return null
      if (section.write === undefined && lengthBytes <= ZEROS.length) return ZEROS.subarray(0, lengthBytes)
      const bytes = Buffer.alloc(lengthBytes)
      section.write?.(bytes, at)
      return bytes
    },
  }
  return { file, asked }
}

const ZEROS = Buffer.alloc(8 << 20)

export function ofBytes(name: string, content: Buffer, more: Partial<HostileSection> = {}): HostileSection {
  const write = (bytes: Buffer, at: number) => void content.copy(bytes, 0, at, at + bytes.length)
  return { name, type: 1, sizeBytes: content.length, write, ...more }
}

function headOf(
  sections: readonly HostileSection[],
  segments: readonly HostileSegment[],
  names: Buffer,
): Buffer {
  const sectionsAt = HEADER_BYTES + segments.length * SEGMENT_BYTES
  const head = Buffer.alloc(sectionsAt + sections.length * SECTION_BYTES)
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(head)
  head.writeUInt16LE(3, 16)
  head.writeUInt16LE(62, 18)
  head.writeUInt32LE(1, 20)
  head.writeBigUInt64LE(BigInt(HEADER_BYTES), 32)
  head.writeBigUInt64LE(BigInt(sectionsAt), 40)
  for (const [index, number] of [HEADER_BYTES, SEGMENT_BYTES, segments.length].entries())
    head.writeUInt16LE(number, 52 + 2 * index)
  for (const [index, number] of [SECTION_BYTES, sections.length, sections.length - 1].entries())
    head.writeUInt16LE(number, 58 + 2 * index)
  for (const [index, segment] of segments.entries()) {
    const section = sections.findIndex(({ name }) => name === segment.section)
    const at = HEADER_BYTES + index * SEGMENT_BYTES
    const sizeBytes = BigInt(sections[section]?.sizeBytes ?? 0)
    head.writeUInt32LE(segment.type ?? 1, at)
    head.writeUInt32LE(segment.flags ?? 5, at + 4)
    head.writeBigUInt64LE(BigInt(section * APART), at + 8)
    head.writeBigUInt64LE(BigInt(segment.address), at + 16)
    head.writeBigUInt64LE(sizeBytes, at + 32)
    head.writeBigUInt64LE(sizeBytes, at + 40)
  }
  for (const [index, { name, type = 1, flags = 0, link = 0, sizeBytes }] of sections.entries()) {
    const at = sectionsAt + index * SECTION_BYTES
    head.writeUInt32LE(index === 0 ? 0 : names.indexOf(`\0${name}\0`, 0, 'latin1') + 1, at)
    head.writeUInt32LE(type, at + 4)
    head.writeBigUInt64LE(BigInt(flags), at + 8)
    head.writeBigUInt64LE(BigInt(index * APART), at + 24)
    head.writeBigUInt64LE(BigInt(sizeBytes), at + 32)
    head.writeUInt32LE(link, at + 40)
  }
  return head
}
