import { type ElfSegment, readElfHeader, readSegment } from '../crash/elf.ts'

/** The segments of a whole 64-bit program or library: all that the kernel and the loader look at. */
export function programSegments(file: Buffer): ElfSegment[] {
  const header = readElfHeader(file)
  if (header?.addressBytes !== 8) throw new Error('Cannot read the program: not a 64-bit ELF file')
  return Array.from({ length: header.segmentCount }, (_, index) => {
    const segment = readSegment(file, header, index)
    if (segment === null) throw new Error('Cannot read the program: its file ends within the headers')
    return segment
  })
}
