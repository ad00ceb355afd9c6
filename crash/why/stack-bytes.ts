import type { Memory } from '../image/memory.ts'

const LEAST_BYTES = 512

/** The stack from its pointer on: `mostBytes`, a power of two, or as much as is at hand. */
export function stackBytes(memory: Memory, stackPointer: bigint, mostBytes: number): Buffer {
  for (let lengthBytes = mostBytes; lengthBytes >= LEAST_BYTES; lengthBytes /= 2) {
    const bytes = memory.read(stackPointer, lengthBytes)
    if (bytes !== null) return bytes
  }
  return Buffer.alloc(0)
}
