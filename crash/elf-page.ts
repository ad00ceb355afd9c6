import {
  type ElfNote,
  type ElfSegment,
  PT_INTERP,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readNotes,
  readSegment,
} from './elf.ts'

/**
 * What the first page of an ELF file says, which is all of it that is at hand: the kernel dumps no more of a
 * file that was mapped. The process may have written over it, so nothing more is believed than a number or a
 * name.
 */

const NT_GNU_ABI_TAG = 1
const NT_GNU_BUILD_ID = 3
// SHA-1 has 20, and `--build-id=0x…` may have any.
const LONGEST_BUILD_ID_BYTES = 64

/** The GNU build id in the page, in hexadecimal. */
export function buildIdIn(page: Buffer): string | null {
  return buildIdAmong(gnuNotesIn(page))
}

/** The GNU build id among the notes of a file, in hexadecimal. */
export function buildIdAmong(notes: Iterable<ElfNote>): string | null {
  for (const { name, type, bytes } of notes) {
    const isOne = name === 'GNU' && type === NT_GNU_BUILD_ID
    if (isOne && bytes.length <= LONGEST_BUILD_ID_BYTES) return bytes.toString('hex')
  }
  return null
}

/** Whether it is a program that was linked with glibc, whose crt1.o brings the tag along; musl's has none. */
export function hasAbiTag(page: Buffer): boolean {
  return gnuNotesIn(page).some(({ type }) => type === NT_GNU_ABI_TAG)
}

/**
 * From each PT_NOTE to the end of the page: Go's covers its own note alone, and the build id stands right
 * behind it.
 */
function gnuNotesIn(page: Buffer): readonly ElfNote[] {
  return segmentsIn(page)
    .filter(({ type }) => type === PT_NOTE)
    .flatMap(({ fileOffset }) => [...readNotes(page.subarray(fileOffset))])
    .filter(({ name }) => name === 'GNU')
}

/**
 * The address of a byte of the file as its program headers have it, which is what its symbols are in, and
 * what addr2line, `objdump` and gdb want. `null`: the page does not say that it is loaded.
 */
export function addressIn(page: Buffer, fileOffset: bigint): bigint | null {
  const holds = ({ type, fileOffset: at, fileBytes }: ElfSegment) =>
    type === PT_LOAD && fileOffset >= at && fileOffset < at + fileBytes
  const segment = segmentsIn(page).find(holds)
  return segment === undefined
    ? null
    : BigInt.asUintN(64, segment.address + fileOffset - BigInt(segment.fileOffset))
}

/** Whether the file is a program that its libraries are loaded into when it starts. */
export function hasInterpreter(page: Buffer): boolean {
  return segmentsIn(page).some(({ type }) => type === PT_INTERP)
}

const MOST_SEGMENTS = 64

/** Those of its program headers that lie in the page. */
function segmentsIn(page: Buffer): readonly ElfSegment[] {
  const header = readElfHeader(page)
  if (header === null) return []
  const numbers = Array.from({ length: Math.min(header.segmentCount, MOST_SEGMENTS) }, (_, index) => index)
  return numbers.map(index => readSegment(page, header, index)).filter(segment => segment !== null)
}
