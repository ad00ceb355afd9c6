import { fieldsOf } from '../../crash/fields.ts'
import { FORMAT_VERSION } from '../../handoff/format-version.ts'
import type { HandoffPod } from '../../handoff/run-folder.ts'
import type { Pod } from '../../kube/objects.ts'
import { handoffPod } from './handoff-pod.ts'
import { isTop, type Workload } from './workload.ts'

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
export class PodBook {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  /** By pod: what never changes. Of those that are not listed it is forgotten. */
  #workloads = new Map<string, Workload>()
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

  /** `null`: no pod of this node. */
  get(uid: string): HandoffPod | null {
    return this.#entries.get(uid)?.pod ?? null
  }

  /** What was known before a restart of ours. */
  remember(pods: readonly Partial<HandoffPod>[]): void {
    for (const { uid, workload } of pods)
      if (uid !== undefined && isWorkload(workload) && isTop(workload)) this.#workloads.set(uid, workload)
  }

  /** Whether it is known to whom the pod belongs in the end. */
  hasWorkload(pod: Pod): boolean {
    const { workload } = this.get(handoffPod(pod)?.uid ?? '') ?? {}
    return workload !== undefined && isTop(workload)
  }

  put(pod: Pod): void {
    const handoff = handoffPod(pod)
    if (handoff === null) return
    const workload = this.#entries.get(handoff.uid)?.pod.workload ?? this.#workloads.get(handoff.uid)
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
    this.#workloads = new Map([...this.#workloads].filter(([uid]) => there.has(uid)))
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

function isWorkload(value: unknown): value is Workload {
  const { kind, name } = fieldsOf(value)
  return typeof kind === 'string' && typeof name === 'string'
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
