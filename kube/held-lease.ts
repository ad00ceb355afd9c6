import type { Clock } from '../time/rate-limiter.ts'
import { TimeLimit } from '../time/time-limit.ts'
import type { KubeClient } from './client.ts'
import { KubeError } from './errors.ts'
import { giveBack, holderOf, type LeaseRecord, renewal } from './lease-record.ts'

export interface LeaseTimes {
  /** So long after its last renewal another one may take it. */
  readonly leaseSeconds: number
  readonly renewSeconds: number
  /** After a renewal that failed. */
  readonly retrySeconds: number
  /** So long after its last renewal the work under it ends: before another one may begin. */
  readonly latestSeconds: number
}

export const LEASE_TIMES: LeaseTimes = {
  leaseSeconds: 60,
  renewSeconds: 20,
  retrySeconds: 5,
  latestSeconds: 45,
}

const GIVE_BACK_MS = 3000

interface Holding {
  readonly kube: Pick<KubeClient, 'get' | 'patch'>
  /** The API's own. */
  readonly path: string
  readonly holder: string
  readonly clock: Clock
  readonly times: LeaseTimes
}

/** A Lease that is ours, which is renewed until it is given back, or cannot be. */
export class HeldLease {
  readonly #holding: Holding
  readonly #over = new AbortController()
  #version: string
  #renewedAtMs: number

  /** `askedAtMs`: when it was asked for, before it was given. */
  constructor(holding: Holding, record: LeaseRecord, askedAtMs: number) {
    this.#holding = holding
    this.#version = versionOf(record)
    this.#renewedAtMs = askedAtMs
    void this.#keep()
  }

  /** Aborts when it is ours no more: what is done under it ends then. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Never rejects, and takes three seconds at most: what is not given back is free after its time. */
  async giveBack(): Promise<void> {
    if (this.signal.aborted) return
    this.#over.abort(new Error('the lease was given back'))
    const { kube, path } = this.#holding
    await kube.patch(path, giveBack(this.#version), AbortSignal.timeout(GIVE_BACK_MS)).catch(() => undefined)
  }

  async #keep(): Promise<void> {
    const { clock, times } = this.#holding
    let pauseSeconds = times.renewSeconds
    while (!this.signal.aborted) {
      await clock.pause(pauseSeconds, this.signal)
      pauseSeconds = (await this.#renewed()) ? times.renewSeconds : times.retrySeconds
    }
  }

  /** Whether it was; gives up what is lost. */
  async #renewed(): Promise<boolean> {
    const { clock, times } = this.#holding
    const askedAtMs = clock.now()
    const leftMs = this.#renewedAtMs + times.latestSeconds * 1000 - askedAtMs
    if (leftMs <= 0) this.#lose('it could not be renewed in time')
    if (this.signal.aborted) return false
    using limit = new TimeLimit(leftMs, this.signal)
    try {
      this.#version = await this.#renew(limit.signal)
      this.#renewedAtMs = askedAtMs
      return true
    } catch {
      // The API server is away: until it is too late, it is asked again.
      if (limit.signal.aborted) this.#lose('it could not be renewed in time')
      return false
    }
  }

  async #renew(signal: AbortSignal): Promise<string> {
    const { kube, path } = this.#holding
    try {
      return versionOf(await kube.patch(path, renewal(this.#version, new Date()), signal))
    } catch (cause) {
      if (!(cause instanceof KubeError) || (cause.status !== 409 && cause.status !== 404)) throw cause
      return this.#afterChange(
        cause.status === 404 ? null : await kube.get<LeaseRecord>(path, signal),
        signal,
      )
    }
  }

  /** Somebody wrote to it, or we did and did not hear that it was taken. */
  async #afterChange(record: LeaseRecord | null, signal: AbortSignal): Promise<string> {
    const { kube, path, holder } = this.#holding
    if (record !== null && holderOf(record) === holder)
      return versionOf(await kube.patch(path, renewal(versionOf(record), new Date()), signal))
    this.#lose('another one has it')
    return this.#version
  }

  #lose(why: string): void {
    if (!this.signal.aborted) this.#over.abort(new Error(`the lease is lost: ${why}`))
  }
}

function versionOf({ metadata }: LeaseRecord): string {
  return metadata?.resourceVersion ?? ''
}
