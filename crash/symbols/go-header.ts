/**
 * The beginning of Go's table of functions, pclntab (Go's internal/abi/symtab.go and runtime/symtab.go). Go
 * keeps it in stripped programs too, as its runtime needs it.
 */
export interface GoHeader {
  readonly functionCount: number
  /** Of addresses in the table: 4 where they are relative to where Go's code begins, since Go 1.18. */
  readonly entryBytes: 4 | 8
  /** Where Go's code begins, where the linker knew it; since Go 1.26 never. */
  readonly textStart: bigint | null
  /** Whether functions know where they begin in their file, and what was inlined has the form of since. */
  readonly isSince120: boolean
  /** Instructions are as long as that at least. */
  readonly quantumBytes: number
  /** Offsets from the beginning of the table. */
  readonly names: number
  readonly units: number
  readonly files: number
  readonly values: number
  readonly functions: number
}

export const GO_HEADER_BYTES = 72
const [GO_1_16, GO_1_18, GO_1_20] = [0xfffffffa, 0xfffffff0, 0xfffffff1]
export const GO_LOWEST_MAGIC = GO_1_18
const POINTER_BYTES = 8
const MOST_FUNCTIONS = 1 << 22

/** `null`: it is none of Go 1.16 or later for 64 bits. */
export function readGoHeader(bytes: Buffer): GoHeader | null {
  const magic = bytes.readUInt32LE(0)
  const [quantumBytes = 0, pointerBytes] = bytes.subarray(6)
  if (![GO_1_16, GO_1_18, GO_1_20].includes(magic) || bytes.readUInt16LE(4) !== 0) return null
  if (![1, 2, 4].includes(quantumBytes) || pointerBytes !== POINTER_BYTES) return null
  const word = (index: number) => Number(bytes.readBigUInt64LE(8 + index * POINTER_BYTES))
  const first = magic === GO_1_16 ? 2 : 3
  const textStart = magic === GO_1_16 ? 0n : bytes.readBigUInt64LE(8 + 2 * POINTER_BYTES)
  return {
    functionCount: Math.min(word(0), MOST_FUNCTIONS),
    entryBytes: magic === GO_1_16 ? 8 : 4,
    textStart: magic === GO_1_16 || textStart !== 0n ? textStart : null,
    isSince120: magic === GO_1_20,
    quantumBytes,
    names: word(first),
    units: word(first + 1),
    files: word(first + 2),
    values: word(first + 3),
    functions: word(first + 4),
  }
}
