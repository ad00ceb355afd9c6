import type { CoreHead } from './core-head.ts'
import { wholeThreads } from './core-notes.ts'
import type { CoreRange } from './core-range.ts'
import {
  countSegments,
  type ElfHeader,
  type ElfSegment,
  moveSegment,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
} from './elf.ts'
import { type LeanPart, partsOf } from './lean-parts.ts'

const PAGE_BYTES = 4096

/** More segments than this have their number elsewhere: elf(5), PN_XNUM. */
const MOST_SEGMENTS = 0xfffe

/** A piece of memory: `at` in the lean core, and `offset` in the kernel's. */
export interface LeanPiece extends CoreRange {
  readonly at: number
  readonly address: bigint
}

/**
 * A core with less memory than the kernel writes: its program headers are written anew, and say which of it is in
 * the file. Debuggers open it as any other.
 */
export interface LeanCore {
  /** ELF header, program headers and notes. */
  readonly head: Buffer
  /** What follows it, in the order of both cores, with zeros up to the next page. */
  readonly pieces: readonly LeanPiece[]
  readonly endBytes: number
  /** So much memory is in the kernel's core, and not in this one. */
  readonly leftOutBytes: number
}

/**
 * The lean core that has of the memory what `keep` has, which is in order and apart. `begun`: the first bytes of
 * the kernel's core; where they end within its notes, the threads that are there are kept, the crashing one first.
 * `null`: not one of them is there.
 */
export function leanCore(begun: Buffer, { segments }: CoreHead, keep: readonly CoreRange[]): LeanCore | null {
  const header = readElfHeader(begun)
  const notes = segments.findIndex(({ type }) => type === PT_NOTE)
  const { fileOffset = 0, fileBytes = 0 } = segments[notes] ?? {}
  const come = begun.subarray(fileOffset, fileOffset + fileBytes)
  const noted = come.length < fileBytes ? wholeThreads(come) : come
  const notesBytes = noted.length
  if (header === null || notes === -1 || (notesBytes === 0 && fileBytes > 0)) return null
  // A forged one may have its table within its header.
  if (header.segmentsAt < header.headerBytes) return null
  const parts = shownOf(partsOf(segments, keep))
  const notesAt = header.segmentsAt + (1 + parts.length) * header.segmentBytes
  const placed = placedFrom(pageAbove(notesAt + notesBytes), parts)
  const table = [
    { segment: notes, address: 0n, at: notesAt, fileBytes: notesBytes, memoryBytes: 0 },
    ...placed.map(part => ({ ...part, fileBytes: part.isKept ? part.memoryBytes : 0 })),
  ]
  const pieces = placed.filter(({ isKept }) => isKept).map(pieceOf)
  const last = pieces.at(-1)
  return {
    head: Buffer.concat([headerOf(begun, header, table.length), ...tableOf(table, begun, header), noted]),
    pieces,
    endBytes: last === undefined ? notesAt + notesBytes : last.at + last.lengthBytes,
    leftOutBytes: memoryIn(segments) - pieces.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
  }
}

/** What is not kept is told, too, as the kernel does, so that it is known what was mapped; as far as there is room. */
function shownOf(parts: readonly LeanPart[]): readonly LeanPart[] {
  return parts.length < MOST_SEGMENTS
    ? parts
    : parts.filter(({ isKept }) => isKept).slice(0, MOST_SEGMENTS - 1)
}

type Placed = LeanPart & { readonly at: number }

function placedFrom(memoryAt: number, parts: readonly LeanPart[]): readonly Placed[] {
  let at = memoryAt
  return parts.map(part => {
    const placed = { ...part, at }
    if (part.isKept) at = pageAbove(at + part.memoryBytes)
    return placed
  })
}

function pieceOf({ at, offset, address, memoryBytes: lengthBytes }: Placed): LeanPiece {
  return { at, offset, address, lengthBytes }
}

function headerOf(begun: Buffer, header: ElfHeader, segmentCount: number): Buffer {
  const raw = Buffer.from(begun.subarray(0, header.segmentsAt))
  countSegments(raw, header, segmentCount)
  return raw
}

type Row = Pick<Placed, 'segment' | 'address' | 'at' | 'memoryBytes'> & { readonly fileBytes: number }

/** Each as that of its segment, but for what it says of where its memory is. */
function tableOf(rows: readonly Row[], begun: Buffer, header: ElfHeader): readonly Buffer[] {
  const { segmentsAt, segmentBytes } = header
  return rows.map(({ segment, at: fileOffset, ...row }) => {
    const from = segmentsAt + segment * segmentBytes
    const raw = Buffer.from(begun.subarray(from, from + segmentBytes))
    moveSegment(raw, header, { ...row, fileOffset })
    return raw
  })
}

function memoryIn(segments: readonly ElfSegment[]): number {
  return segments.reduce((sum, { type, fileBytes }) => sum + (type === PT_LOAD ? fileBytes : 0), 0)
}

function pageAbove(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES
}
