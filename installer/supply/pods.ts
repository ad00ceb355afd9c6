import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { FORMAT_VERSION } from '../../handoff/format-version.ts'
import type { HandoffPod } from '../../handoff/run-folder.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Pod } from '../../kube/objects.ts'
import { type WatchEvent, watch } from '../../kube/watch.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { handoffPod } from './handoff-pod.ts'
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
}

/**
 * Keeps the handler told of this node's pods, until `signal` is aborted. Whatever fails is logged, and tried
 * again.
 */
export async function watchPods(
  { kube, nodeName, write, isWanted, log, clock = REAL }: PodWatching,
  signal: AbortSignal,
): Promise<void> {
  const book = new PodBook(clock.now)
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
      else if (known === undefined) lookups.add(pod)
      else book.putWorkload(pod, known)
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

// A crash is often the end of its pod, and the core of a large process takes minutes to be written.
const KEPT_MILLISECONDS = 10 * 60 * 1000
const MOST_PODS = 1000
/** What the handler reads at most. */
const LARGEST_BYTES = 8 * 1024 * 1024

interface Entry {
  readonly pod: HandoffPod
  readonly goneAt: number | null
}

/** This node's pods, and for some minutes those that were. */
class PodBook {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  #change = Promise.withResolvers<void>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Resolves once something has changed since the last time this was waited for. */
  async changed(): Promise<void> {
    await this.#change.promise
    this.#change = Promise.withResolvers()
  }

  wake(): void {
    this.#change.resolve()
  }

  put(pod: Pod): void {
    const handoff = handoffPod(pod)
    if (handoff === null) return
    const workload = this.#entries.get(handoff.uid)?.pod.workload
    this.#entries.set(handoff.uid, {
      pod: workload === undefined ? handoff : { ...handoff, workload },
      goneAt: null,
    })
    this.wake()
  }

  putWorkload(pod: Pod, workload: HandoffPod['workload'] | null): void {
    const uid = handoffPod(pod)?.uid ?? ''
    const entry = this.#entries.get(uid)
    if (entry === undefined || !workload || isSame(entry.pod.workload, workload)) return
    this.#entries.set(uid, { ...entry, pod: { ...entry.pod, workload } })
    this.wake()
  }

  markGone(pod: Pod): void {
    this.#markGone(handoffPod(pod)?.uid ?? '')
  }

  /** What is not among `pods` is gone. */
  keepOnly(pods: readonly Pod[]): void {
    const there = new Set(pods.map(pod => handoffPod(pod)?.uid))
    for (const uid of this.#entries.keys()) if (!there.has(uid)) this.#markGone(uid)
  }

  /**
   * The living first: should there be too many, the dead are left out, and of the living the largest: who makes its pods
   * large would else take the room of its neighbours'.
   */
  encode(): string {
    this.#forget()
    const texts = [...this.#entries.values()]
      .map(entry => ({ entry, text: JSON.stringify({ version: FORMAT_VERSION, ...entry.pod }) }))
      .sort((a, b) => lastSeen(b.entry) - lastSeen(a.entry) || a.text.length - b.text.length)
      .map(({ text }) => text)
    return joinedWithin(texts.slice(0, MOST_PODS), LARGEST_BYTES)
  }

  #markGone(uid: string): void {
    const entry = this.#entries.get(uid)
    if (entry === undefined || entry.goneAt !== null) return
    this.#entries.set(uid, { ...entry, goneAt: this.#now() })
    this.wake()
  }

  #forget(): void {
    const before = this.#now() - KEPT_MILLISECONDS
    for (const [uid, { goneAt }] of this.#entries) {
      if (goneAt !== null && goneAt < before) this.#entries.delete(uid)
    }
  }
}

function lastSeen({ goneAt }: Entry): number {
  return goneAt ?? Number.MAX_SAFE_INTEGER
}

function isSame(a: HandoffPod['workload'], b: HandoffPod['workload']): boolean {
  return a?.kind === b?.kind && a?.name === b?.name
}

/** A JSON array of as many of `items` as fit. */
function joinedWithin(items: readonly string[], longestBytes: number): string {
  let bytes = 2
  const fitting = items.filter(item => {
    const itemBytes = Buffer.byteLength(item) + 2
    if (bytes + itemBytes > longestBytes) return false
    bytes += itemBytes
    return true
  })
  return `[${fitting.join(',\n')}]`
}
