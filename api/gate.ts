import { FairQueue } from '../serving/fair-queue.ts'
import { Tally } from '../serving/tally.ts'
import type { ResourceRequest } from './resource-request.ts'
import { tooManyRequests } from './status-error.ts'
import { tenantOf } from './tenant.ts'

interface GateLimits {
  readonly places: number
  /** Of one tenant; absent: all of them, while nobody else comes. */
  readonly mostOfOne?: number
  readonly mostWaiting: number
}

/** For whom something is done, and until when. */
export type Asker = Pick<ResourceRequest, 'user' | 'signal'>

/**
 * So many go on at once. Others wait, and tenants take turns, so that nobody waits for the many requests of one. More
 * are told to come again.
 */
export class Gate {
  readonly #limits: Required<GateLimits>
  readonly #inside = new Tally()
  readonly #waiting = new FairQueue<() => void>()

  constructor({ mostOfOne = Number.POSITIVE_INFINITY, ...limits }: GateLimits) {
    this.#limits = { mostOfOne, ...limits }
  }

  /** Runs `work` when it is its turn. Rejects at once with a 429, or as soon as `signal` aborts while it waits. */
  async through<T>({ user, signal }: Asker, work: () => Promise<T>): Promise<T> {
    const tenant = tenantOf(user)
    signal.throwIfAborted()
    if (this.#isOpenTo(tenant)) this.#inside.add(tenant)
    else await this.#wait(tenant, signal)
    try {
      return await work()
    } finally {
      this.#inside.remove(tenant)
      this.#letIn()
    }
  }

  #isOpenTo(tenant: string): boolean {
    const { places, mostOfOne } = this.#limits
    return this.#inside.total < places && this.#inside.of(tenant) < mostOfOne
  }

  async #wait(tenant: string, signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#limits.mostWaiting || this.#waiting.of(tenant) >= this.#share())
      throw tooManyRequests('too many requests at once', 1)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const gone = () => {
      this.#waiting.remove(tenant, resolve)
      reject(signal.reason)
    }
    signal.addEventListener('abort', gone, { once: true })
    this.#waiting.add(tenant, resolve)
    await promise.finally(() => signal.removeEventListener('abort', gone))
  }

  /** As if one tenant more were waiting, so that whoever comes next can. */
  #share(): number {
    return Math.max(1, Math.floor(this.#limits.mostWaiting / (this.#waiting.owners + 1)))
  }

  /** The place is taken for who waits, so that nobody comes between. */
  #letIn(): void {
    const next = this.#waiting.take(tenant => this.#isOpenTo(tenant))
    if (next === null) return
    this.#inside.add(next.owner)
    next.item()
  }
}
