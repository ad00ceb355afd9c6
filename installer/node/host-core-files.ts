import type { CollectConfig } from '../../config/config.ts'
import { writesFiles } from '../../crash/core-pattern.ts'
import type { Original } from './original.ts'

/**
 * What the node's own processes lose, if anything: where the kernel wrote core files, `forward` has no program to forward
 * to. We write none in its place: as root, into a folder that the crashed process chose, that is how handlers were taken over.
 */
export function lostHostCoreFiles(
  { hostProcesses }: Pick<CollectConfig, 'hostProcesses'>,
  original: Original,
): { readonly what: string; readonly hint: string } | null {
  if (hostProcesses !== 'forward' || original.is !== 'kept') return null
  const { corePattern } = original.sysctls
  if (!writesFiles(corePattern)) return null
  return {
    what: `processes outside of pods leave no core files any more: core_pattern was "${corePattern}", which is no program to forward to`,
    hint: 'Set `collect.hostProcesses: collect` to keep their cores as well, or `drop` if nobody needs them.',
  }
}
