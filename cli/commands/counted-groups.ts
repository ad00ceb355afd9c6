import { messageOf } from '../../crash/errors.ts'
import { anySignal } from '../../time/any-signal.ts'
import { inParallel } from '../../time/in-parallel.ts'
import type { CrashSource, GroupCount } from '../source/source.ts'
import { asCounted, type GroupedCrashes } from './grouped-crashes.ts'

const AT_ONCE = 8
const LONGEST_WAIT_MS = 10_000

interface CountedGroups {
  readonly groups: readonly GroupedCrashes[]
  /** Why some could not be asked for: of the first of them. */
  readonly failure: string | null
}

/** Each of `groups` as the cluster counts it, as far as that is known: without it they are what was listed. */
export async function countedGroups(
  groups: readonly GroupedCrashes[],
  source: Pick<CrashSource, 'group'>,
  signal: AbortSignal,
): Promise<CountedGroups> {
  const failures: string[] = []
  const counted = await inParallel(groups, AT_ONCE, async group => {
    const count = await countOf(group, source, signal).catch((cause: unknown) => {
      signal.throwIfAborted()
      failures.push(messageOf(cause))
      return null
    })
    return count === null ? group : asCounted(group, count)
  })
  return { groups: counted, failure: failures[0] ?? null }
}

/** `null`: it is not counted in the cluster, or who asks may not know. */
export async function countOf(
  { newest }: Pick<GroupedCrashes, 'newest'>,
  source: Pick<CrashSource, 'group'>,
  signal: AbortSignal,
): Promise<GroupCount | null> {
  return await source.group(newest, anySignal([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]))
}
