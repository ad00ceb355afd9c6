import { read } from 'node:fs'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import { DumpedMemory } from '../../crash/dumped-memory.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'

// Not synchronously: a disk may hang.
const readAt = promisify(read)

/**
 * The memory of a process, as its core in the file `fd` has it. Where that is read next stays as it is. It was
 * written by a tenant's process: it may end early, and be another one at the next read.
 */
export function coreMemory(fd: number, head: CoreHead): ReadMemory {
  const dumped = new DumpedMemory(head)
  return async (address, lengthBytes) => {
    const range = dumped.at(address, lengthBytes)
    if (range === null || range.offset > Number.MAX_SAFE_INTEGER) return null
    const bytes = Buffer.alloc(range.lengthBytes)
    const got = await readAt(fd, bytes, 0, bytes.length, range.offset).catch(() => null)
    return got === null || got.bytesRead === 0 ? null : bytes.subarray(0, got.bytesRead)
  }
}
