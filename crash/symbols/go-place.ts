import { PT_LOAD, PT_NOTE, readNotes } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'
import type { Effort } from './effort.ts'
import { GO_HEADER_BYTES, GO_LOWEST_MAGIC, readGoHeader } from './go-header.ts'

/** Where Go's table of functions lies, as the program headers have addresses. */
export interface GoPlace {
  readonly address: bigint
  readonly sizeBytes: number
}

const SECTION = '.gopclntab'
const ALIGNMENT_BYTES = 8
const PIECE_BYTES = 4 << 20
const LARGEST_SEGMENT_BYTES = 256 << 20
const SEARCHED_BYTES_A_STEP = 100
const LARGEST_NOTES_BYTES = 4096

/**
 * By its section; or by how it begins, where section headers are stripped, and where another linker has put
 * it into another section, as in programs for any address before Go 1.26.
 */
export function goPlace(image: ElfImage, effort: Effort): GoPlace | null {
  const section = image.section(SECTION)
  if (section !== undefined) return { address: section.address, sizeBytes: section.fileBytes }
  return hasGoNote(image) ? search(image, effort) : null
}

/** The linker of Go puts its own build id into each program. */
function hasGoNote(image: ElfImage): boolean {
  return image.segments
    .filter(({ type }) => type === PT_NOTE)
    .map(({ address, fileBytes }) => image.loaded(address, Math.min(fileBytes, LARGEST_NOTES_BYTES)))
    .some(notes => notes !== null && [...readNotes(notes)].some(({ name }) => name === 'Go'))
}

function search(image: ElfImage, effort: Effort): GoPlace | null {
  for (const { type, address, fileBytes } of image.segments) {
    if (type !== PT_LOAD) continue
    const end = Math.min(fileBytes, LARGEST_SEGMENT_BYTES)
    const skipped = Number(-address & BigInt(ALIGNMENT_BYTES - 1))
    for (let from = skipped; from < end; from += PIECE_BYTES) {
      const lengthBytes = Math.min(PIECE_BYTES + GO_HEADER_BYTES, end - from)
      if (!effort.spend(lengthBytes / SEARCHED_BYTES_A_STEP)) return null
      const piece = image.loaded(address + BigInt(from), lengthBytes)
      const at = piece === null ? -1 : beginningIn(piece)
      if (at !== -1) return { address: address + BigInt(from + at), sizeBytes: fileBytes - from - at }
    }
  }
  return null
}

function beginningIn(piece: Buffer): number {
  for (let at = 0; at + GO_HEADER_BYTES <= piece.length; at += ALIGNMENT_BYTES) {
    // What all kinds of it have, before it is looked at as a whole.
    const isAny = piece[at + 3] === 0xff && piece.readUInt32LE(at) >= GO_LOWEST_MAGIC
    if (isAny && readGoHeader(piece.subarray(at)) !== null) return at
  }
  return -1
}
