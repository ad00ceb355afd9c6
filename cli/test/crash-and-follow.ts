import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { type Cluster, jsonOf } from '../cluster.ts'
import { CliError, EXIT } from '../exit.ts'
import { collection, textOf } from '../nodes/collection.ts'
import { type InstallerEvent, installerEvents } from '../nodes/node-events.ts'
import { type TestPod, testPod } from './test-pod.ts'

/** What came of the crash. */
export interface Followed {
  readonly pod: TestPod
  readonly event: InstallerEvent
}

interface Following {
  readonly namespace: string
  /** Of the Job. */
  readonly job: string
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
  /** Tells a person of one step. */
  readonly say: (step: string) => void
  readonly pause?: Pause
}

const LOOK_EVERY_SECONDS = 0.5
// Signals that the kernel makes a core of, as a shell tells them.
const CRASHED = [132, 133, 134, 135, 136, 139]
/** These mend themselves, or not at all within the time of a test. */
const HOPELESS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
  'RunContainerError',
]

/** From the Job to the Event that says what became of its core. Rejects with what went wrong. */
export async function crashAndFollow(cluster: Cluster, following: Following): Promise<Followed> {
  const until = Date.now() + following.timeoutSeconds * 1000
  const { say } = following
  const placed = await within(following, until, NO_POD, async () => {
    const pod = await podOf(cluster, following)
    return pod?.node === undefined ? null : pod
  })
  say(`the pod ${placed.name} is on the node ${placed.node}`)
  const pod = await within(following, until, NOT_STARTED, async () => {
    const found = await podOf(cluster, following)
    if (HOPELESS.includes(found?.waiting ?? '')) throw doesNotStart(found)
    return found?.exitCode === undefined ? null : found
  })
  if (!CRASHED.includes(pod.exitCode ?? 0)) throw didNotCrash(pod)
  say(`its process crashed (exit code ${pod.exitCode})`)
  const event = await within(following, until, NO_EVENT, () => eventOf(cluster, pod, following))
  say(`${event.reason}: ${event.note}`)
  return { pod, event }
}

async function podOf(cluster: Cluster, { namespace, job, signal }: Following): Promise<TestPod | null> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const [pod] = await collection(cluster, path, { labelSelector: `job-name=${job}` }, signal)
  return pod === undefined ? null : testPod(pod)
}

async function eventOf(cluster: Cluster, { uid }: TestPod, { namespace, signal }: Following) {
  const events = await installerEvents(cluster, namespace, signal)
  return events.find(event => event.uid === uid && event.reason.startsWith('CoreDump')) ?? null
}

/** What `look` finds, as soon as it does. */
async function within<T>(
  { timeoutSeconds, signal, pause = realPause }: Following,
  until: number,
  [missing, hint]: readonly [string, string],
  look: () => Promise<T | null>,
): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() >= until) throw new CliError(EXIT.error, `After ${timeoutSeconds} s ${missing}`, hint)
    await pause(LOOK_EVERY_SECONDS, signal)
    signal.throwIfAborted()
  }
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

/** Creates the Job, and answers with its name. */
export async function createJob(
  cluster: Cluster,
  namespace: string,
  body: object,
  signal: AbortSignal,
): Promise<string> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`
  const { metadata } = fieldsOf(await jsonOf(cluster, { method: 'POST', path, body, signal }))
  return textOf(fieldsOf(metadata).name) ?? ''
}

const REMOVING_SECONDS = 10

/** Removes it with its pod, also when somebody has told us to end. Answers why not, or `null`. */
export async function removeJob(cluster: Cluster, namespace: string, job: string): Promise<string | null> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs/${encodeURIComponent(job)}`
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
  try {
    await jsonOf(cluster, {
      method: 'DELETE',
      path,
      body,
      signal: AbortSignal.timeout(REMOVING_SECONDS * 1000),
    })
    return null
  } catch (error) {
    return messageOf(error)
  }
}
