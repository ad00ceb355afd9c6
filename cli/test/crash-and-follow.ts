import type { Pause } from '../../time/pause.ts'
import type { Cluster } from '../cluster.ts'
import { CliError, EXIT } from '../exit.ts'
import { isHopeless, type JobPlace, podOf } from '../job/pod-of-job.ts'
import { seenBy } from '../job/seen-by.ts'
import { type InstallerEvent, installerEvents } from '../nodes/node-events.ts'
import { type TestPod, testPod } from './test-pod.ts'

/** What came of the crash. */
export interface Followed {
  readonly pod: TestPod
  readonly event: InstallerEvent
}

interface Following extends JobPlace {
  readonly timeoutSeconds: number
  /** Tells a person of one step. */
  readonly say: (step: string) => void
  readonly pause?: Pause
}

// Signals that the kernel makes a core of, as a shell tells them.
const CRASHED = [132, 133, 134, 135, 136, 139]

/** From the Job to the Event that says what became of its core. Rejects with what went wrong. */
export async function crashAndFollow(cluster: Cluster, following: Following): Promise<Followed> {
  const until = Date.now() + following.timeoutSeconds * 1000
  const { say } = following
  const placed = await within(following, until, NO_POD, async () => {
    const pod = await testPodOf(cluster, following)
    return pod?.node === undefined ? null : pod
  })
  say(`the pod ${placed.name} is on the node ${placed.node}`)
  const pod = await within(following, until, NOT_STARTED, async () => {
    const found = await testPodOf(cluster, following)
    if (isHopeless(found?.waiting)) throw doesNotStart(found)
    return found?.exitCode === undefined ? null : found
  })
  if (!CRASHED.includes(pod.exitCode ?? 0)) throw didNotCrash(pod)
  say(`its process crashed (exit code ${pod.exitCode})`)
  const event = await within(following, until, NO_EVENT, () => eventOf(cluster, pod, following))
  say(`${event.reason}: ${event.note}`)
  return { pod, event }
}

async function testPodOf(cluster: Cluster, following: Following): Promise<TestPod | null> {
  const pod = await podOf(cluster, following)
  return pod === null ? null : testPod(pod)
}

async function eventOf(cluster: Cluster, { uid }: TestPod, { namespace, signal }: Following) {
  const events = await installerEvents(cluster, namespace, signal)
  return events.find(event => event.uid === uid && event.reason.startsWith('CoreDump')) ?? null
}

async function within<T>(
  { timeoutSeconds, signal, pause }: Following,
  until: number,
  [missing, hint]: readonly [string, string],
  look: () => Promise<T | null>,
): Promise<T> {
  const late = () => new CliError(EXIT.error, `After ${timeoutSeconds} s ${missing}`, hint)
  return await seenBy({ until, signal, late, ...(pause && { pause }) }, look)
}

const NO_POD = [
  'no pod of the test was placed on a node',
  'kubectl get events says why: a quota, Pod Security, no room, or no node of that name.',
] as const
const NOT_STARTED = [
  'its process has not ended',
  'kubectl describe pod says what it waits for; --timeout waits longer.',
] as const
const NO_EVENT = [
  'no Event tells of its core',
  'kubectl coredog status says how CoreDog is on that node, and its log whether the crash was skipped: `collect` in coredog.yaml may leave this namespace out.',
] as const

function doesNotStart(pod: TestPod | null): CliError {
  return new CliError(
    EXIT.error,
    `The pod does not start: ${pod?.waiting}`,
    'The node has to be able to pull the image without secrets of this namespace; --image names another one.',
  )
}

function didNotCrash({ exitCode }: TestPod): CliError {
  return new CliError(
    EXIT.error,
    `Its process ended with exit code ${exitCode}, and was to crash`,
    'Is it the image of CoreDog, of this version? --image names another one.',
  )
}
