import type { Memory } from '../image/memory.ts'
import { cTextAt } from './c-text.ts'

const LONGEST_BYTES = 2048
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
  const mostBytes = Math.min(LONGEST_BYTES, sizeBytes - SIZE_BYTES)
  return cTextAt(memory, at + BigInt(SIZE_BYTES), mostBytes) || null
}
