import { clip, plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import type { Memory } from '../image/memory.ts'

const LONGEST_BYTES = 2048
/** Of a copy of the memory that ends somewhere, at least the beginning. */
const LENGTHS_BYTES = [LONGEST_BYTES, 512, 128]
const SIZE_BYTES = 4

/**
 * What glibc said before it called abort(): a failed assertion, memory that was freed twice, a stack that was
 * overwritten. `address` is where its variable `__abort_msg` lies: a pointer to the size of a mapping, and the
 * text, which ends with a NUL (stdlib/abort.c, include/stdlib.h: struct abort_msg_s). One line of visible
 * characters; `null`: it said nothing, or that is not at hand.
 */
export function abortMessageAt(memory: Memory, address: bigint): string | null {
  const at = memory.read(address, 8)?.readBigUInt64LE()
  const sizeBytes = at === undefined || at === 0n ? undefined : memory.read(at, SIZE_BYTES)?.readUInt32LE()
  if (at === undefined || sizeBytes === undefined || sizeBytes <= SIZE_BYTES) return null
  const text = textAt(memory, at + BigInt(SIZE_BYTES), sizeBytes - SIZE_BYTES)
  return text === null || text === '' ? null : text
}

function textAt(memory: Memory, address: bigint, mostBytes: number): string | null {
  for (const lengthBytes of LENGTHS_BYTES) {
    const bytes = memory.read(address, Math.min(lengthBytes, mostBytes))
    if (bytes !== null) return shown(bytes)
  }
  return null
}

function shown(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  const text = shownText(end === -1 ? bytes : bytes.subarray(0, end)).replace(/[\n ]+$/, '')
  return end === -1 ? clip(`${plain(text, LONGEST_BYTES)}…`, LONGEST_BYTES) : plain(text, LONGEST_BYTES)
}
