import type { IndexEntry } from '../../crash/index-entry.ts'
import { keySegment } from '../../crash/object-key.ts'
import type { CrashIndex } from '../outside.ts'

/** Whose cores a dump has. */
export interface DumpedPod {
  readonly cluster: string
  readonly namespace: string
  readonly name: string
  /** `null`: of all pods that were called so. */
  readonly uid: string | null
  /** `null`: of all its containers. */
  readonly container: string | null
}

/** Names of the index that are looked at: a hundred pages. */
const MOST_NAMES = 100_000
const MOST_CRASHES = 1000

/** Crashes that have cores, the newest first. */
export async function crashesOfPod(
  index: Pick<CrashIndex, 'ofNamespace'>,
  pod: DumpedPod,
  signal: AbortSignal,
): Promise<readonly IndexEntry[]> {
  const crashes: IndexEntry[] = []
  let names = 0
  for await (const { entry } of index.ofNamespace(pod, { signal })) {
    if (isOf(entry, pod)) crashes.push(entry)
    names += 1
    if (names === MOST_NAMES || crashes.length === MOST_CRASHES) break
  }
  return crashes
}

function isOf({ storedBytes, pod, podUid, container }: IndexEntry, of: DumpedPod): boolean {
  if (storedBytes === 0 || pod !== keySegment(of.name)) return false
  return (of.uid === null || podUid === of.uid) && (of.container === null || container === of.container)
}
