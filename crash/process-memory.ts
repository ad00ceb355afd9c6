import { type CoreHead, fileAt, segmentAt } from './core-head.ts'
import type { CoreRange } from './core-range.ts'
import type { MappedFile } from './mapped-file.ts'

/**
 * Reads the memory of the process that crashed, wherever it is left: at most `lengthBytes` from `address` on.
 * `null`: it is not to be had. Never rejects.
 */
export type ReadMemory = (address: bigint, lengthBytes: number) => Promise<Buffer | null>

/** A piece of the memory of the process that crashed. */
export interface MemoryRange {
  readonly address: bigint
  readonly lengthBytes: number
  /** Where it begins to be in the core, as much of it as was dumped; `null`: nothing. */
  readonly inCore: CoreRange | null
}

export function memoryAt(head: CoreHead, address: bigint, lengthBytes: number): MemoryRange {
  const segment = segmentAt(head, address)
  if (segment === undefined) return { address, lengthBytes, inCore: null }
  const skippedBytes = Number(address - segment.address)
  const dumpedBytes = Math.min(segment.fileBytes - skippedBytes, lengthBytes)
  const inCore =
    dumpedBytes <= 0 ? null : { offset: segment.fileOffset + skippedBytes, lengthBytes: dumpedBytes }
  return { address, lengthBytes, inCore }
}

/** The mapped file that holds the crashing instruction. */
export function crashingModule(head: CoreHead): MappedFile | null {
  return head.instruction === undefined ? null : (fileAt(head, head.instruction) ?? null)
}

const PAGE_BYTES = 4096

/**
 * The first page of the file that crashed: it names the build, and by default it is in the core, for bit 4 of
 * coredump_filter dumps the ELF header of each file (core(5)). `null`: it crashed outside of every file, or
 * in one whose beginning was not mapped.
 */
export function modulePageOf(head: CoreHead): MemoryRange | null {
  const module = crashingModule(head)
  const first = head.files.findLast(
    file => file.path === module?.path && file.fileOffset === 0n && file.start <= module.start,
  )
  return first === undefined ? null : memoryAt(head, first.start, PAGE_BYTES)
}
