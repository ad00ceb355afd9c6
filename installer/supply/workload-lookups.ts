import type { HandoffPod } from '../../handoff/run-folder.ts'
import type { Pod } from '../../kube/objects.ts'
import { type Clock, type Rate, RateLimiter } from '../../time/rate-limiter.ts'
import { handoffPod } from './handoff-pod.ts'
import type { Workload, Workloads } from './workload.ts'

/** Of one node. A DaemonSet that is created looks the owners of pods of all nodes up at once. */
const RATE: Rate = { burst: 5, perSecond: 0.2 }
const MOST_WAITING = 1_000

/** What is kept of a pod: who owns it, and what says whether its cores are wanted. */
interface Waiting {
  readonly handoff: HandoffPod
  readonly pod: Pod
}

/**
 * Pods whose workload the API server has to be asked for. It is needed only for those whose crashes are kept:
 * the others wait, in case that changes, which is seen at the next change of a pod.
 */
export class WorkloadLookups {
  readonly #workloads: Workloads
  readonly #isWanted: (pod: HandoffPod) => boolean
  readonly #limiter: RateLimiter
  readonly #waiting = new Map<string, Waiting>()
  #change = Promise.withResolvers<void>()

  constructor(workloads: Workloads, isWanted: (pod: HandoffPod) => boolean, clock: Clock) {
    this.#workloads = workloads
    this.#isWanted = isWanted
    this.#limiter = new RateLimiter(RATE, clock)
  }

  add(pod: Pod): void {
    const handoff = handoffPod(pod)
    if (handoff === null || (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(handoff.uid))) return
    this.#waiting.set(handoff.uid, { handoff, pod: ownedOnly(handoff, pod) })
    this.#change.resolve()
  }

  remove(pod: Pod): void {
    this.#waiting.delete(handoffPod(pod)?.uid ?? '')
  }

  clear(): void {
    this.#waiting.clear()
  }

  /** Until `signal` is aborted. `onFound` is told of each pod once. */
  async run(onFound: (pod: Pod, workload: Workload | null) => void, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#change.resolve(), { once: true })
    while (!signal.aborted) {
      const next = this.#next()
      if (next === undefined) await this.#changed()
      else onFound(next.pod, await this.#find(next, signal))
    }
  }

  async #changed(): Promise<void> {
    await this.#change.promise
    this.#change = Promise.withResolvers()
  }

  #next(): Waiting | undefined {
    return [...this.#waiting.values()].find(({ handoff }) => this.#isWanted(handoff))
  }

  /** One that another pod has brought in the meantime is there without asking. */
  async #find({ handoff, pod }: Waiting, signal: AbortSignal): Promise<Workload | null> {
    this.#waiting.delete(handoff.uid)
    const known = this.#workloads.known(pod)
    if (known !== undefined) return known
    const isStopped = await this.#limiter.next(signal).then(
      () => false,
      () => true,
    )
    return isStopped ? null : this.#workloads.lookUp(pod, signal)
  }
}

/** Without what makes a pod large: its labels did not tell. */
function ownedOnly({ namespace, name, uid }: HandoffPod, { metadata }: Pod): Pod {
  return { metadata: { namespace, name, uid, ownerReferences: metadata?.ownerReferences ?? [] } }
}
