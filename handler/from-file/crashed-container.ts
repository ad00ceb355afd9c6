import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'

/** The crash of which a container is looked for. */
export interface CrashIn {
  readonly podUid: string
  readonly container: string
  readonly time: Date
  /** Whether it was the first process of its pid namespace, with which a container ends. */
  readonly isFirst: boolean
}

/** What the search needs of the world. */
interface Looking {
  /** Those of this node that the API server knows by now; `null`: unknown. */
  readonly pods: () => readonly HandoffPod[] | null
  readonly wait: (seconds: number) => Promise<unknown>
  readonly now: () => Date
}

/**
 * The kubelet tells the API server of a container's end in a second or two, and the installer us in one more.
 */
const LOOKS = 10
/** Of an older crash, whatever is to be told was told. */
const FRESH_SECONDS = 30

/**
 * Which of the containers that bear a name in their time was the one that crashed: the only one whose life
 * the crash falls into. `null`: it is unknown. The first process takes its container with it, so it is waited
 * for that one's end to be known: until then it might be the next container's crash, of whose start the API
 * server has not heard.
 */
export async function crashedContainer(crash: CrashIn, looking: Looking): Promise<HandoffContainer | null> {
  const isFresh = Math.abs(looking.now().getTime() - crash.time.getTime()) < FRESH_SECONDS * 1000
  for (let looks = isFresh ? LOOKS : 1; looks > 0; looks -= 1) {
    const pod = looking.pods()?.find(({ uid }) => uid === crash.podUid)
    if (pod === undefined || !pod.containers.some(hasLife)) return null
    const found = aliveAt(pod.containers, crash)
    if (found !== null && (found.finishedAt !== undefined || !crash.isFirst)) return found
    if (looks > 1) await looking.wait(1)
  }
  return null
}

function hasLife({ startedAt }: HandoffContainer): boolean {
  return startedAt !== undefined
}

function aliveAt(
  containers: readonly HandoffContainer[],
  { container, time }: CrashIn,
): HandoffContainer | null {
  const second = Math.floor(time.getTime() / 1000)
  const alive = containers.filter(
    ({ name, startedAt, finishedAt }) =>
      name === container &&
      second >= secondOf(startedAt) &&
      second <= (finishedAt === undefined ? Number.POSITIVE_INFINITY : secondOf(finishedAt)),
  )
  return alive.length === 1 ? (alive[0] ?? null) : null
}

/** Kubernetes' times are whole seconds. What is none is no second, which nothing is before or after. */
function secondOf(time: string | undefined): number {
  return Math.floor(Date.parse(time ?? '') / 1000)
}
