import { programSegments } from './program-segments.ts'

// Where the header of a 64-bit ELF file says where its sections are, and how many (elf(5)).
const E_SHOFF = 40
const E_SHNUM = 60
const E_SHSTRNDX = 62

/**
 * A program as it is loaded, and no more. Linkers put symbols, debug information and the table of sections
 * behind the last byte of the last segment; the kernel, which starts the program, looks at segments only.
 */
export function withoutSymbols(program: Buffer): Buffer {
  const ends = programSegments(program).map(({ fileOffset, fileBytes }) => fileOffset + fileBytes)
  const loaded = Buffer.from(program.subarray(0, Math.max(...ends)))
  loaded.writeBigUInt64LE(0n, E_SHOFF)
  loaded.writeUInt16LE(0, E_SHNUM)
  loaded.writeUInt16LE(0, E_SHSTRNDX)
  return loaded
}
