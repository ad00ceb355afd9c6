import type { Coredump } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import { anySignal } from '../../time/any-signal.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { type CrashSource, fewImages, type GroupCount } from '../source/source.ts'
import { asOne, type GroupedCrashes } from './grouped-crashes.ts'

// coredog-api reads two for one user, and lets others wait.
const AT_ONCE = 4
const LONGEST_WAIT_MS = 10_000
/** For all of them. */
const LONGEST_WAIT_IN_ALL_MS = 30_000
/** Of one group. Each is a request. */
const MOST_BUILDS = 3

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
  const failures: unknown[] = []
  const inTime = anySignal([signal, AbortSignal.timeout(LONGEST_WAIT_IN_ALL_MS)])
  const ask = (crash: Coredump) =>
    countOf(crash, source, inTime).catch((cause: unknown) => {
      signal.throwIfAborted()
      failures.push(cause)
      return null
    })
  const asked = groups.flatMap(group => group.ofBuilds.slice(0, MOST_BUILDS).map(crash => ({ group, crash })))
  const answers = await inParallel(asked, AT_ONCE, async ({ group, crash }) => ({
    group,
    count: await ask(crash),
  }))
  const counted = Map.groupBy(answers, ({ group }) => group)
  const bugs = [...counted].map(([group, all]) => ({
    group,
    counts: all.flatMap(({ count }) => count ?? []),
  }))
  return {
    groups: withoutTwins(bugs).map(asCounted),
    failure: failures.length === 0 ? null : whyNot(failures[0]),
  }
}

function whyNot(cause: unknown): string {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  return isLate ? `no answer within ${LONGEST_WAIT_MS / 1000} s` : messageOf(cause)
}

/** `null`: it is not counted in the cluster, or who asks may not know. */
export async function countOf(
  crash: Coredump,
  source: Pick<CrashSource, 'group'>,
  signal: AbortSignal,
): Promise<GroupCount | null> {
  return await source.group(crash, anySignal([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]))
}

interface Bug {
  readonly group: GroupedCrashes
  /** Of its builds. */
  readonly counts: readonly GroupCount[]
}

/** What the nodes count as one is one. */
function withoutTwins(bugs: readonly Bug[]): readonly Bug[] {
  return bugs.reduce<readonly Bug[]>((apart, bug) => {
    const folders = new Set(bug.counts.map(({ countedIn }) => countedIn))
    const isTwin = ({ counts }: Bug) => counts.some(({ countedIn }) => folders.has(countedIn))
    return [...apart.filter(one => !isTwin(one)), apart.filter(isTwin).reduce(merged, bug)]
  }, [])
}

function merged(one: Bug, other: Bug): Bug {
  return { group: asOne(one.group, other.group), counts: [...one.counts, ...other.counts] }
}

/** As the cluster counts it, which may be minutes behind what was listed. A node may have had several builds. */
function asCounted({ group, counts }: Bug): GroupedCrashes {
  const each = [...new Map(counts.map(count => [count.countedIn, count])).values()]
  if (each.length === 0) return group
  const ends = each.flatMap(({ mutedUntil }) => mutedUntil ?? [])
  const sum = (of: (count: GroupCount) => number) => each.reduce((total, count) => total + of(count), 0)
  return {
    ...group,
    crashes: Math.max(
      group.crashes,
      sum(({ crashes }) => crashes),
    ),
    nodes: Math.max(...each.map(({ nodes }) => nodes)),
    pods: Math.max(
      group.pods,
      sum(({ pods }) => pods),
    ),
    images: fewImages(each.flatMap(({ images }) => images)),
    first: new Date(Math.min(...[group, ...each].map(({ first }) => first.getTime()))),
    last: new Date(Math.max(...[group, ...each].map(({ last }) => last.getTime()))),
    // Chats hear of it as long as one build is not muted.
    ...(ends.length === each.length && { mutedUntil: new Date(Math.min(...ends.map(end => end.getTime()))) }),
  }
}
