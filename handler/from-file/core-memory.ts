import { read } from 'node:fs'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import type { CoreRange } from '../../crash/core-range.ts'
import { DumpedMemory } from '../../crash/dumped-memory.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'

/**
 * The memory of a process, as its core in the file `fd` has it. It was written by a tenant's process: it may end
 * early, and be another one at the next read.
 */
export function coreMemory(fd: number, head: CoreHead): ReadMemory {
  const dumped = new DumpedMemory(head)
  return async (address, lengthBytes) => {
    const range = dumped.at(address, lengthBytes)
    return range === null ? null : await readStored(fd, range)
  }
}

// Not synchronously: a disk may hang.
const readAt = promisify(read)

/** As much of a range of a file as is there, if anything. Where it is read next stays as it is. Never rejects. */
export async function readStored(fd: number, { offset, lengthBytes }: CoreRange): Promise<Buffer | null> {
  if (offset > Number.MAX_SAFE_INTEGER) return null
  const bytes = Buffer.alloc(lengthBytes)
  const got = await readAt(fd, bytes, 0, lengthBytes, offset).catch(() => null)
  return got === null || got.bytesRead === 0 ? null : bytes.subarray(0, got.bytesRead)
}
