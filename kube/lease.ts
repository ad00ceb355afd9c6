import { type Clock, REAL_CLOCK } from '../time/rate-limiter.ts'
import type { KubeClient } from './client.ts'
import { KubeError } from './errors.ts'
import { HeldLease, LEASE_TIMES, type LeaseTimes } from './held-lease.ts'
import { holderOf, type LeaseRecord, markOf, newLease, takeover } from './lease-record.ts'

interface LeaseName {
  readonly namespace: string
  readonly name: string
  /** Of this process alone. */
  readonly holder: string
}

interface LeaseOptions {
  readonly clock?: Clock
  readonly times?: LeaseTimes
}

/**
 * A Lease of the API server, which one process has at a time. It is not waited for: who has something to do tries, and
 * one who has it keeps it. Whether another one is still alive is judged by when we saw its renewals, never by its
 * clock: so of a Lease that is seen for the first time it is not known, and it is had at a later try, at the earliest.
 */
export class Lease {
  readonly #kube: Pick<KubeClient, 'get' | 'create' | 'patch'>
  readonly #name: LeaseName
  readonly #path: string
  readonly #clock: Clock
  readonly #times: LeaseTimes
  #held: HeldLease | null = null
  #trying: Promise<HeldLease | null> | null = null
  #seen: { readonly mark: string; readonly sinceMs: number } | null = null

  constructor(
    kube: Pick<KubeClient, 'get' | 'create' | 'patch'>,
    name: LeaseName,
    { clock = REAL_CLOCK, times = LEASE_TIMES }: LeaseOptions = {},
  ) {
    this.#kube = kube
    this.#name = name
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(name.namespace)}/leases`
    this.#clock = clock
    this.#times = times
  }

  /** What is held by now; `null`: nothing. */
  get held(): HeldLease | null {
    return this.#held?.signal.aborted === false ? this.#held : null
  }

  /** `null`: another one has it, or may have. Rejects with a {@link KubeError} if the API server refuses, or is away. */
  tryHold(): Promise<HeldLease | null> {
    if (this.held !== null) return Promise.resolve(this.held)
    this.#trying ??= this.#try().finally(() => {
      this.#trying = null
    })
    return this.#trying
  }

  /** Ends what is done under it. Never rejects. */
  async giveBack(): Promise<void> {
    await this.#trying?.catch(() => undefined)
    await this.#held?.giveBack()
  }

  async #try(): Promise<HeldLease | null> {
    const askedAtMs = this.#clock.now()
    const record = await this.#read()
    if (record !== null && !this.#isFree(record)) return null
    const taken = await this.#take(record)
    this.#held = taken && new HeldLease(this.#holding, taken, askedAtMs)
    return this.#held
  }

  async #read(): Promise<LeaseRecord | null> {
    try {
      return await this.#kube.get<LeaseRecord>(this.#own)
    } catch (cause) {
      if (cause instanceof KubeError && cause.status === 404 && cause.reason === 'NotFound') return null
      throw cause
    }
  }

  #isFree(record: LeaseRecord): boolean {
    const holder = holderOf(record)
    if (holder === null || holder === this.#name.holder) return true
    const [mark, nowMs] = [markOf(record), this.#clock.now()]
    if (this.#seen?.mark !== mark) this.#seen = { mark, sinceMs: nowMs }
    return nowMs - this.#seen.sinceMs > this.#times.leaseSeconds * 1000
  }

  /** `null`: another one was faster. */
  async #take(record: LeaseRecord | null): Promise<LeaseRecord | null> {
    const { namespace, name, holder } = this.#name
    const taken = { holder, seconds: this.#times.leaseSeconds, now: new Date() }
    try {
      if (record === null) return await this.#kube.create(this.#path, newLease(namespace, name, taken))
      return await this.#kube.patch<LeaseRecord>(this.#own, takeover(record, taken))
    } catch (cause) {
      if (cause instanceof KubeError && cause.status === 409) return null
      throw cause
    }
  }

  get #own(): string {
    return `${this.#path}/${encodeURIComponent(this.#name.name)}`
  }

  get #holding() {
    const { holder } = this.#name
    return { kube: this.#kube, path: this.#own, holder, clock: this.#clock, times: this.#times }
  }
}
