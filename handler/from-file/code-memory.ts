import { AddressIndex } from '../../crash/address-index.ts'
import type { CoreHead } from '../../crash/core-head.ts'
import { PF_W } from '../../crash/elf.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { backWithin } from '../../time/left-behind.ts'
import type { OpenModule } from '../why/evidence.ts'
import { readStored } from './core-memory.ts'

const LONGEST_READ_SECONDS = 3

/**
 * What a process had mapped from `modules` and could not write to: that is in no core by default, and it was as
 * the files have it.
 */
export function codeMemory(modules: readonly OpenModule[], { segments }: CoreHead): ReadMemory {
  const written = new Set(segments.filter(({ flags }) => (flags & PF_W) !== 0).map(({ address }) => address))
  const ranges = modules.flatMap(({ fd, ranges }) => ranges.map(range => ({ fd, ...range })))
  const index = new AddressIndex(
    ranges.filter(({ start }) => !written.has(start)),
    ({ start }) => start,
  )
  return async (address, lengthBytes) => {
    const range = index.lastFrom(address)
    if (range === undefined || address >= range.end) return null
    const mostBytes = Math.min(lengthBytes, Number(range.end - address))
    const offset = Number(range.fileOffset + address - range.start)
    return await backWithin(readStored(range.fd, { offset, lengthBytes: mostBytes }), LONGEST_READ_SECONDS)
  }
}
