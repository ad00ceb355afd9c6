import type { FileHandle } from 'node:fs/promises'
import { endOfRange } from '../crash/core-range.ts'
import { type ElfHeader, hasWholeSegments, readElfHeader, readSegment } from '../crash/elf.ts'

/** `whole`: there is all that its headers promise. `short`: not (yet). `foreign`: it is no core. */
export type Completeness = 'whole' | 'short' | 'foreign'

const MAGIC_BYTES = 18
const HEADER_BYTES = 64
const ET_CORE = 4
const PIECE_SEGMENTS = 4096
// Far above the default max_map_count. A core that says more is left to the handler to judge, when it has
// come to rest.
const MOST_SEGMENTS = 1 << 20

/**
 * How much of a core is there. The kernel writes one from its beginning to its end, so a file that reaches to
 * the end of its last segment has all of it. Does not move the position in the file.
 */
export async function completenessOf(opened: FileHandle): Promise<Completeness> {
  const head = await piece(opened, 0, HEADER_BYTES)
  if (!isCore(head)) return 'foreign'
  const header = readElfHeader(head)
  const endBytes = header === null ? null : await endOf(opened, header)
  return endBytes !== null && (await opened.stat()).size >= endBytes ? 'whole' : 'short'
}

/** Of either byte order: what we cannot read, the handler refuses, and says so. */
function isCore(head: Buffer): boolean {
  if (head.length < MAGIC_BYTES || head.readUInt32BE(0) !== 0x7f454c46) return false
  return (head[5] === 2 ? head.readUInt16BE(16) : head.readUInt16LE(16)) === ET_CORE
}

/** Where the last segment ends, or `null` if the headers are not all there or say nothing that can be. */
async function endOf(opened: FileHandle, header: ElfHeader): Promise<number | null> {
  // A program header may say to be 64 KiB long: no piece is read by its word.
  if (!hasWholeSegments(header)) return null
  const count = await segmentCount(opened, header)
  if (count === null || count > MOST_SEGMENTS) return null
  let end = header.countSection === null ? 0 : endOfRange(header.countSection)
  end = Math.max(end, header.segmentsAt + count * header.segmentBytes)
  for (let index = 0; index < count; index += PIECE_SEGMENTS) {
    const pieceEnd = await endIn(opened, header, index, Math.min(PIECE_SEGMENTS, count - index))
    if (pieceEnd === null) return null
    end = Math.max(end, pieceEnd)
  }
  return end
}

async function endIn(
  opened: FileHandle,
  header: ElfHeader,
  first: number,
  count: number,
): Promise<number | null> {
  const at = header.segmentsAt + first * header.segmentBytes
  const bytes = await piece(opened, at, count * header.segmentBytes)
  let end = 0
  for (let index = 0; index < count; index += 1) {
    const segment = readSegment(bytes, { ...header, segmentsAt: 0 }, index)
    if (segment === null) return null
    end = Math.max(end, segment.fileOffset + segment.fileBytes)
  }
  return end
}

/** With over 65,534 segments the notes tell: they follow the program headers (see readCoreHead). */
async function segmentCount(opened: FileHandle, header: ElfHeader): Promise<number | null> {
  if (!header.segmentCountOverflows) return header.segmentCount
  const bytes = await piece(opened, header.segmentsAt, header.segmentBytes)
  const first = readSegment(bytes, { ...header, segmentsAt: 0 }, 0)
  return first === null ? null : Math.floor((first.fileOffset - header.segmentsAt) / header.segmentBytes)
}

async function piece(opened: FileHandle, at: number, lengthBytes: number): Promise<Buffer> {
  // What a header says may be beyond what can be asked for.
  if (!Number.isSafeInteger(at + lengthBytes)) return Buffer.alloc(0)
  const buffer = Buffer.alloc(lengthBytes)
  const { bytesRead } = await opened.read(buffer, 0, lengthBytes, at)
  return buffer.subarray(0, bytesRead)
}
