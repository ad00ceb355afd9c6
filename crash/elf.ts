import { shownText } from '../untrusted/shown-text.ts'
import type { CoreRange } from './core-range.ts'

/** Where the fields of ELF's two classes are (elf(5)); all else is the same in both. */
interface Layout {
  readonly addressBytes: 4 | 8
  readonly headerBytes: number
  readonly sectionBytes: number
  readonly segmentBytes: number
  readonly phoff: number
  readonly shoff: number
  readonly phentsize: number
  readonly phnum: number
  readonly segment: {
    readonly flags: number
    readonly offset: number
    readonly address: number
    readonly fileBytes: number
    readonly memoryBytes: number
  }
}

const ELF64: Layout = {
  addressBytes: 8,
  headerBytes: 64,
  sectionBytes: 64,
  segmentBytes: 56,
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  phnum: 56,
  segment: { flags: 4, offset: 8, address: 16, fileBytes: 32, memoryBytes: 40 },
}
const ELF32: Layout = {
  addressBytes: 4,
  headerBytes: 52,
  sectionBytes: 40,
  segmentBytes: 32,
  phoff: 28,
  shoff: 32,
  phentsize: 42,
  phnum: 44,
  segment: { flags: 24, offset: 4, address: 8, fileBytes: 16, memoryBytes: 20 },
}

export const PT_LOAD = 1
export const PT_DYNAMIC = 2
export const PT_INTERP = 3
export const PT_NOTE = 4

/** What may be done with the memory of a segment: elf(5), p_flags. */
export const [PF_X, PF_W, PF_R] = [1, 2, 4] as const

/** e_phnum of a file with 65,535 segments or more: the real count is elsewhere. */
const PN_XNUM = 0xffff

/** What an ELF file says of itself in its first bytes. */
export interface ElfHeader {
  readonly addressBytes: 4 | 8
  /** Its own length. */
  readonly headerBytes: number
  readonly type: number
  readonly machine: number
  readonly segmentsAt: number
  readonly segmentBytes: number
  readonly segmentCount: number
  /** Whether {@link segmentCount} is only a stand-in, because the count did not fit. */
  readonly segmentCountOverflows: boolean
  /**
   * The section header that holds the real count then, the last bytes of a core (elf(5), PN_XNUM); without it
   * no debugger finds a segment. `null`: the count stands in the header.
   */
  readonly countSection: CoreRange | null
}

/** A program header. */
export interface ElfSegment {
  readonly type: number
  readonly flags: number
  readonly fileOffset: number
  readonly address: bigint
  readonly fileBytes: number
  readonly memoryBytes: number
}

export interface ElfNote {
  /** Where it begins. */
  readonly at: number
  readonly name: string
  readonly type: number
  readonly bytes: Buffer
}

/** The header, or `null` if `bytes` do not begin a little-endian ELF file (or are too few). */
export function readElfHeader(bytes: Buffer): ElfHeader | null {
  const layout = layoutOf(bytes)
  if (layout === null || bytes.length < layout.headerBytes) return null
  const segmentCount = bytes.readUInt16LE(layout.phnum)
  const segmentCountOverflows = segmentCount === PN_XNUM
  return {
    addressBytes: layout.addressBytes,
    headerBytes: layout.headerBytes,
    type: bytes.readUInt16LE(16),
    machine: bytes.readUInt16LE(18),
    segmentsAt: word(bytes, layout.phoff, layout),
    segmentBytes: bytes.readUInt16LE(layout.phentsize),
    segmentCount,
    segmentCountOverflows,
    countSection: segmentCountOverflows
      ? { offset: word(bytes, layout.shoff, layout), lengthBytes: layout.sectionBytes }
      : null,
  }
}

/** The program header number `index`, or `null` if it lies outside of `bytes`. */
export function readSegment(bytes: Buffer, header: ElfHeader, index: number): ElfSegment | null {
  const at = header.segmentsAt + index * header.segmentBytes
  const { segment, ...layout } = layoutFor(header)
  if (!hasWholeSegments(header)) return null
  if (at + header.segmentBytes > bytes.length) return null
  return {
    type: bytes.readUInt32LE(at),
    flags: bytes.readUInt32LE(at + segment.flags),
    fileOffset: word(bytes, at + segment.offset, layout),
    address: address(bytes, at + segment.address, layout.addressBytes),
    fileBytes: word(bytes, at + segment.fileBytes, layout),
    memoryBytes: word(bytes, at + segment.memoryBytes, layout),
  }
}

/** Changes a program header, `raw`, where it says which memory it is of, and where that is. */
export function moveSegment(
  raw: Buffer,
  { addressBytes }: Pick<ElfHeader, 'addressBytes'>,
  { fileOffset, address: start, fileBytes, memoryBytes }: Omit<ElfSegment, 'type' | 'flags'>,
): void {
  const { segment } = layoutFor({ addressBytes })
  writeWord(raw, segment.offset, addressBytes, BigInt(fileOffset))
  writeWord(raw, segment.address, addressBytes, start)
  writeWord(raw, segment.fileBytes, addressBytes, BigInt(fileBytes))
  writeWord(raw, segment.memoryBytes, addressBytes, BigInt(memoryBytes))
}

/** Changes the header of an ELF file, `raw`, to be of one with `segmentCount` program headers, and without sections. */
export function countSegments(
  raw: Buffer,
  { addressBytes }: Pick<ElfHeader, 'addressBytes'>,
  segmentCount: number,
): void {
  const { shoff, phnum } = layoutFor({ addressBytes })
  writeWord(raw, shoff, addressBytes, 0n)
  raw.writeUInt16LE(segmentCount, phnum)
  // e_shnum and e_shstrndx; between them is the size of a section's header.
  raw.writeUInt16LE(0, phnum + 4)
  raw.writeUInt16LE(0, phnum + 6)
}

/**
 * Whether its program headers are as long as its class has them. Linux writes no others, and no debugger
 * reads them.
 */
export function hasWholeSegments(header: Pick<ElfHeader, 'addressBytes' | 'segmentBytes'>): boolean {
  return header.segmentBytes === layoutFor(header).segmentBytes
}

function layoutFor({ addressBytes }: Pick<ElfHeader, 'addressBytes'>): Layout {
  return addressBytes === 8 ? ELF64 : ELF32
}

// Linux writes CORE, LINUX and GNU. A forged core file may have a name of megabytes.
const LONGEST_NAME_BYTES = 64

/** The notes in `bytes`, as far as they are whole. */
export function* readNotes(bytes: Buffer): Generator<ElfNote> {
  let at = 0
  while (at + 12 <= bytes.length) {
    const nameBytes = bytes.readUInt32LE(at)
    const contentAt = at + 12 + aligned(nameBytes)
    const contentBytes = bytes.readUInt32LE(at + 4)
    if (contentAt + contentBytes > bytes.length) return
    yield {
      at,
      name: textIn(bytes.subarray(at + 12, at + 12 + Math.min(nameBytes, LONGEST_NAME_BYTES))),
      type: bytes.readUInt32LE(at + 8),
      bytes: bytes.subarray(contentAt, contentAt + contentBytes),
    }
    at = contentAt + aligned(contentBytes)
  }
}

/** An address-sized number, as a bigint because it may be a kernel-half address. */
export function address(bytes: Buffer, at: number, addressBytes: 4 | 8): bigint {
  return addressBytes === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at))
}

/**
 * The text before the first NUL; a byte that is no UTF-8 as `\\xc5`, so the text may be longer than its
 * bytes.
 */
export function textIn(bytes: Buffer): string {
  return shownText(bytes.subarray(0, lengthOfText(bytes)))
}

/** How many bytes stand before the first NUL. */
export function lengthOfText(bytes: Buffer): number {
  const end = bytes.indexOf(0)
  return end === -1 ? bytes.length : end
}

function layoutOf(bytes: Buffer): Layout | null {
  const isElf = bytes.length >= 6 && bytes.readUInt32BE(0) === 0x7f454c46
  const isLittleEndian = bytes[5] === 1
  if (!isElf || !isLittleEndian) return null
  return bytes[4] === 2 ? ELF64 : bytes[4] === 1 ? ELF32 : null
}

/** A size or offset; beyond 2^53 it is no real one, and stays as large as a number can tell. */
function word(bytes: Buffer, at: number, layout: Pick<Layout, 'addressBytes'>): number {
  return Number(address(bytes, at, layout.addressBytes))
}

function writeWord(raw: Buffer, at: number, addressBytes: 4 | 8, value: bigint): void {
  if (addressBytes === 8) raw.writeBigUInt64LE(BigInt.asUintN(64, value), at)
  else raw.writeUInt32LE(Number(BigInt.asUintN(32, value)), at)
}

/** Names and contents of notes are padded to four bytes, in ELF64 as well. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}
