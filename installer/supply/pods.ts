import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import type { HandoffPod } from '../../handoff/run-folder.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { type WatchEvent, watch } from '../../kube/watch.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { PodBook } from './pod-book.ts'
import { Workloads } from './workload.ts'
import { WorkloadLookups } from './workload-lookups.ts'

/** What a test moves. */
interface Clock {
  readonly pause: Pause
  readonly now: () => number
}

/**
 * A DaemonSet that is created is so on all nodes at once. What the installer before us wrote is there
 * meanwhile.
 */
const START_WITHIN_SECONDS = 10

const GATHER_SECONDS = 0.25
const PAUSE_AFTER_FAULT_SECONDS = 1

const REAL: Clock = { pause: realPause, now: Date.now }

/** Whom {@link watchPods} asks and tells. */
interface PodWatching {
  readonly kube: Pick<KubeClient, 'getMetadata' | 'list' | 'watchFrom'>
  readonly nodeName: string
  /**
   * Gets the text of `pods.json`, at most four times a second, and again each minute for as long as it is
   * true: a file that is old may lack pods.
   */
  readonly write: (content: string) => Promise<void>
  /** Whether crashes of the pod are kept: for others the API server is not asked for the workload. */
  readonly isWanted: (pod: HandoffPod) => boolean
  readonly log: Logger
  readonly clock?: Clock
  /** The pods, for others that ask. */
  readonly book?: PodBook
}

/**
 * Keeps the handler told of this node's pods, until `signal` is aborted. Whatever fails is logged, and tried
 * again.
 */
export async function watchPods(
  { kube, nodeName, write, isWanted, log, clock = REAL, book = new PodBook(clock.now) }: PodWatching,
  signal: AbortSignal,
): Promise<void> {
  const workloads = new Workloads(kube)
  const lookups = new WorkloadLookups(workloads, isWanted, clock)
  signal.addEventListener('abort', () => book.wake())
  const onFault = (fault: unknown, pauseSeconds: number) => {
    const hint = fault instanceof Error && 'hint' in fault ? fault.hint : undefined
    log.warn({ reason: messageOf(fault), hint, pauseSeconds }, 'pods not watched')
  }
  const options = {
    fieldSelector: `spec.nodeName=${nodeName}`,
    onFault,
    onBookmark: () => book.wake(),
    pause: clock.pause,
    startWithinSeconds: START_WITHIN_SECONDS,
  }
  const events = watch<Pod>(kube, '/api/v1/pods', options, signal)
  await Promise.all([
    enter(events, { book, workloads, lookups }),
    lookups.run((pod, workload) => book.putWorkload(pod, workload), signal),
    writeChanges(book, write, log, signal, clock.pause),
  ])
}

interface Books {
  readonly book: PodBook
  readonly workloads: Workloads
  readonly lookups: WorkloadLookups
}

async function enter(
  events: AsyncIterable<WatchEvent<Pod>>,
  { book, workloads, lookups }: Books,
): Promise<void> {
  for await (const event of events) {
    const pods = event.type === 'LISTED' ? event.objects : [event.object]
    if (event.type === 'LISTED') {
      book.keepOnly(pods)
      lookups.clear()
    }
    for (const pod of pods) {
      const known = workloads.known(pod)
      book.put(pod)
      if (event.type === 'DELETED') lookups.remove(pod)
      else if (known !== undefined) book.putWorkload(pod, known)
      else if (!book.hasWorkload(pod)) lookups.add(pod)
    }
    if (event.type === 'DELETED') book.markGone(event.object)
  }
}

async function writeChanges(
  book: PodBook,
  write: (content: string) => Promise<void>,
  log: Logger,
  signal: AbortSignal,
  pause: Pause,
): Promise<void> {
  for (;;) {
    await book.changed()
    // Not after it: a Job may crash, for good, half a second after it was given to this node, and its workload,
    // which is asked for meanwhile, is to be in the file by then.
    await pause(GATHER_SECONDS, signal)
    if (signal.aborted) return
    try {
      await write(book.encode())
    } catch (cause) {
      log.warn({ reason: messageOf(cause) }, 'pods not handed over')
      book.wake()
      await pause(PAUSE_AFTER_FAULT_SECONDS, signal)
    }
  }
}
