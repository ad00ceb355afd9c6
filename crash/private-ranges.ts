import type { CoreHead } from './core-head.ts'
import type { CoreRange } from './core-range.ts'
import { PT_LOAD } from './elf.ts'
import { mappingsInMaps } from './mapping.ts'

/**
 * The memory in a core that the process shares with no other, by `maps`, its proc_pid_maps(5): a core has a segment
 * for each mapping, and does not say which are shared.
 */
export function privateRanges({ segments }: Pick<CoreHead, 'segments'>, maps: Buffer): readonly CoreRange[] {
  const shared = new Set(
    mappingsInMaps(maps)
      .filter(({ permissions }) => permissions.endsWith('s'))
      .map(({ start }) => start),
  )
  return segments
    .filter(({ type, address, fileBytes }) => type === PT_LOAD && fileBytes > 0 && !shared.has(address))
    .map(({ fileOffset: offset, fileBytes: lengthBytes }) => ({ offset, lengthBytes }))
}
