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
  /** Of each tenant in the order in which they came; the tenant whose turn is next is first. */
  readonly #waiting = new Map<string, Set<() => void>>()
  #waitingCount = 0

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
    const own = this.#waiting.get(tenant) ?? new Set()
    if (this.#waitingCount >= this.#limits.mostWaiting || own.size >= this.#share())
      throw tooManyRequests('too many requests at once', 1)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const gone = () => {
      this.#forget(tenant, resolve)
      reject(signal.reason)
    }
    signal.addEventListener('abort', gone, { once: true })
    this.#waiting.set(tenant, own.add(resolve))
    this.#waitingCount += 1
    await promise.finally(() => signal.removeEventListener('abort', gone))
  }

  /** As if one tenant more were waiting, so that whoever comes next can. */
  #share(): number {
    return Math.max(1, Math.floor(this.#limits.mostWaiting / (this.#waiting.size + 1)))
  }

  /** The place is taken for who waits, so that nobody comes between. */
  #letIn(): void {
    for (const [tenant, [next]] of this.#waiting) {
      if (next === undefined || !this.#isOpenTo(tenant)) continue
      this.#inside.add(tenant)
      this.#forget(tenant, next)
      next()
      return
    }
  }

  /** The others of this tenant are the last whose turn it is. */
  #forget(tenant: string, who: () => void): void {
    const own = this.#waiting.get(tenant)
    if (own?.delete(who) !== true) return
    this.#waitingCount -= 1
    this.#waiting.delete(tenant)
    if (own.size > 0) this.#waiting.set(tenant, own)
  }
}
