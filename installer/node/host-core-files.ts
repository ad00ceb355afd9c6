import type { CollectConfig } from '../../config/config.ts'
import { writesFiles } from '../../crash/core-pattern.ts'
import { type CaptureMode, FILE_PATTERN } from './capture-mode.ts'
import { throwsAway } from './known-writer.ts'
import type { Original } from './original.ts'

interface Loss {
  readonly what: string
  readonly hint: string
}

/**
 * What the node's own processes lose, if anything. With the pipe: where the kernel wrote core files,
 * `forward` has no program to forward to. We write none in its place: as root, into a folder that the crashed
 * process chose, that is how handlers were taken over.
 */
export function lostHostCoreFiles(
  { hostProcesses }: Pick<CollectConfig, 'hostProcesses'>,
  original: Original,
  way: CaptureMode,
): Loss | null {
  if (hostProcesses === 'drop' || original.is !== 'kept') return null
  const { corePattern } = original.sysctls
  if (way === 'file') return lostToFiles(corePattern)
  if (hostProcesses !== 'forward' || !writesFiles(corePattern)) return null
  return {
    what: `processes outside of pods leave no core files any more: core_pattern was "${corePattern}", which is no program to forward to`,
    hint: 'Set `collect.hostProcesses: collect` to keep their cores as well, or `drop` if nobody needs them.',
  }
}

/** The kernel has one pattern for all, and where there is no directory of that name it writes nothing. */
function lostToFiles(corePattern: string): Loss | null {
  if (corePattern === FILE_PATTERN || throwsAway(corePattern)) return null
  return {
    what: `processes outside of pods leave no cores any more: core_pattern was "${corePattern}", and fallback.corePattern has the kernel write into containers alone`,
    hint: 'Only the pipe can forward or collect them. Set `collect.hostProcesses: drop` if nobody needs them.',
  }
}
