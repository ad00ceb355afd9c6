import type { HandedPod } from '../../handoff/run-folder.ts'
import type { Pod } from '../../kube/objects.ts'
import { type Clock, type Rate, RateLimiter } from '../../time/rate-limiter.ts'
import { handedPod } from './handed-pod.ts'
import type { Workload, Workloads } from './workload.ts'

/** Of one node. A DaemonSet that is created looks the ReplicaSets of all nodes up at once. */
const RATE: Rate = { burst: 5, perSecond: 0.2 }
const MOST_WAITING = 1_000

/** What is kept of a pod: who owns it, and what says whether its cores are wanted. */
interface Waiting {
  readonly handed: HandedPod
  readonly pod: Pod
}

/**
 * Pods whose workload the API server has to be asked for. Only of those whose crashes are kept does anybody
 * want to know it: the others wait, in case that changes, which is seen at the next change of a pod.
 */
export class WorkloadLookups {
  readonly #workloads: Workloads
  readonly #isWanted: (pod: HandedPod) => boolean
  readonly #limiter: RateLimiter
  readonly #waiting = new Map<string, Waiting>()
  #change = Promise.withResolvers<void>()

  constructor(workloads: Workloads, isWanted: (pod: HandedPod) => boolean, clock: Clock) {
    this.#workloads = workloads
    this.#isWanted = isWanted
    this.#limiter = new RateLimiter(RATE, clock)
  }

  add(pod: Pod): void {
    const handed = handedPod(pod)
    if (handed === null || (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(handed.uid))) return
    this.#waiting.set(handed.uid, { handed, pod: ownedOnly(handed, pod) })
    this.#change.resolve()
  }

  remove(pod: Pod): void {
    this.#waiting.delete(handedPod(pod)?.uid ?? '')
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
    return [...this.#waiting.values()].find(({ handed }) => this.#isWanted(handed))
  }

  /** One that another pod has brought in the meantime is there without asking. */
  async #find({ handed, pod }: Waiting, signal: AbortSignal): Promise<Workload | null> {
    this.#waiting.delete(handed.uid)
    const known = this.#workloads.known(pod)
    if (known !== undefined) return known
    const isStopped = await this.#limiter.next(signal).then(
      () => false,
      () => true,
    )
    return isStopped ? null : this.#workloads.lookUp(pod, signal)
  }
}

/** Without what makes a pod large. */
function ownedOnly({ namespace, name, uid }: HandedPod, { metadata }: Pod): Pod {
  return { metadata: { namespace, name, uid, ownerReferences: metadata?.ownerReferences ?? [] } }
}
