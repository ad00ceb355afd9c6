import type { CoreHead } from './core-head.ts'
import { type ElfSegment, PF_R, PF_W, PF_X, PT_LOAD } from './elf.ts'
import type { Mapping } from './mapping.ts'

/**
 * The mappings of the process, by their addresses: Linux writes a segment for each, also for those of which it
 * dumps nothing (fs/coredump.c, dump_vma_snapshot). The core tells no private mapping from a shared one, and
 * no names but files'; the stack of the first thread is the highest that can be written and is no file's.
 */
export function mappingsOfCore({
  segments,
  files,
}: Pick<CoreHead, 'segments' | 'files'>): readonly Mapping[] {
  const paths = new Map(files.map(({ start, path }) => [start, path]))
  const mappings = segments
    .filter(({ type }) => type === PT_LOAD)
    .map(segment => mappingOf(segment, paths.get(segment.address) ?? ''))
    .sort((a, b) => (a.start < b.start ? -1 : 1))
  const stack = mappings.findLastIndex(({ name, permissions }) => name === '' && permissions[1] === 'w')
  return mappings.map((mapping, index) => (index === stack ? { ...mapping, name: '[stack]' } : mapping))
}

function mappingOf({ address, memoryBytes, flags }: ElfSegment, name: string): Mapping {
  const may = (flag: number, letter: string) => ((flags & flag) === 0 ? '-' : letter)
  return {
    start: address,
    end: address + BigInt(memoryBytes),
    permissions: `${may(PF_R, 'r')}${may(PF_W, 'w')}${may(PF_X, 'x')}p`,
    name,
  }
}
