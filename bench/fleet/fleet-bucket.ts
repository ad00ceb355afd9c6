import { Readable } from 'node:stream'
import type { GroupStore } from '../../groups/crash-group.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectInfo } from '../../storage/object-store.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'
import { backoff } from '../../time/backoff.ts'
import type { FleetClock } from './fleet-clock.ts'

export interface Faults {
  /** So much of all requests is answered with 503. */
  readonly refused: number
  /** So much of all requests is done, and its answer lost. */
  readonly lost: number
  /** When it refuses everything, in milliseconds since the epoch. */
  readonly away: { readonly fromMs: number; readonly untilMs: number } | null
}

export interface Requests {
  /** All that store something, also those that are refused. */
  puts: number
  lists: number
  gets: number
}

interface Stored {
  readonly bytes: Buffer
  readonly storedAt: Date
}

// As storage/s3 asks again.
const ATTEMPTS = 4
const RETRY_MS = 200
const ANSWER_MS = 30
const PAGE = 1000
const REPORT = /-([0-9a-f]{12})\/report\.json$/

/** A bucket with conditional writes in which requests fail, and are asked again as storage/s3 does. */
export class FleetBucket implements GroupStore {
  readonly requests: Requests = { puts: 0, lists: 0, gets: 0 }
  readonly #clock: FleetClock
  #faults: Faults
  readonly #random: () => number
  readonly #objects = new Map<string, Stored>()
  /** Of a report it is only known that it is there. */
  readonly #reports = new Set<string>()
  readonly #sorted: string[] = []
  #leftMs = Number.POSITIVE_INFINITY

  constructor(clock: FleetClock, faults: Faults, random: () => number) {
    this.#clock = clock
    this.#faults = faults
    this.#random = random
  }

  /**
   * What `work` asks has to be answered within that time, together, and how long that took. Only one at a time may ask
   * so.
   */
  async within<T>(
    milliseconds: number,
    work: () => Promise<T>,
  ): Promise<{ readonly found: T; readonly tookMs: number }> {
    this.#leftMs = milliseconds
    try {
      return { found: await work(), tookMs: milliseconds - this.#leftMs }
    } finally {
      this.#leftMs = Number.POSITIVE_INFINITY
    }
  }

  async put(key: string, body: Bytes): Promise<PutOutcome> {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(Buffer.from(chunk))
    await this.#ask('puts', () => this.#store(key, Buffer.concat(chunks)))
    return 'stored'
  }

  /** An object that nobody here reads. */
  async putAway(): Promise<void> {
    await this.#ask('puts', () => undefined)
  }

  async putReport(folder: string): Promise<void> {
    await this.#ask('puts', () => this.#reports.add(folder.slice(-12)))
  }

  async putIfNew(key: string, body: Uint8Array): Promise<'won' | 'refused'> {
    const { answer, attempts } = await this.#ask('puts', () => {
      if (this.#objects.has(key)) return 'refused'
      this.#store(key, Buffer.from(body))
      return 'won'
    })
    if (answer === 'won' || attempts === 1) return answer
    // The answer to an earlier try may have been lost.
    await this.#ask('gets', () => undefined)
    return this.#objects.get(key)?.bytes.equals(body) === true ? 'won' : 'refused'
  }

  async get(key: string): Promise<Readable> {
    const { answer } = await this.#ask('gets', () => this.#objects.get(key)?.bytes ?? this.#reportAt(key))
    if (answer === undefined) throw new NotFoundError('get', key, new Error('NoSuchKey'))
    return Readable.from([answer])
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const keys = this.#keysBelow(prefix)
    for (let at = 0; at === 0 || at < keys.length; at += PAGE) {
      await this.#ask('lists', () => undefined)
      for (const key of keys.slice(at, at + PAGE)) {
        const { bytes, storedAt } = this.#objects.get(key) ?? {}
        if (bytes && storedAt) yield { key, sizeBytes: bytes.length, storedAt }
      }
    }
  }

  /** Costs nothing. */
  async remove(key: string): Promise<void> {
    if (this.#objects.delete(key)) this.#sorted.splice(this.#placeOf(key), 1)
  }

  /** From now on all goes well. */
  recover(): void {
    this.#faults = { refused: 0, lost: 0, away: null }
  }

  location(key: string): string {
    return `s3://fleet/${key}`
  }

  #store(key: string, bytes: Buffer): void {
    if (!this.#objects.has(key)) this.#sorted.splice(this.#placeOf(key), 0, key)
    this.#objects.set(key, { bytes, storedAt: this.#clock.date })
  }

  #reportAt(key: string): Buffer | undefined {
    const id = REPORT.exec(key)?.[1] ?? ''
    return this.#reports.has(id)
      ? Buffer.from(JSON.stringify({ schema: 'coredog.io/report/v1', id }))
      : undefined
  }

  #keysBelow(prefix: string): readonly string[] {
    return this.#sorted.slice(this.#placeOf(prefix), this.#placeOf(`${prefix}\uffff`))
  }

  /** Of the first key that is not before it. */
  #placeOf(key: string): number {
    let [from, to] = [0, this.#sorted.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#sorted[middle] as string) < key) from = middle + 1
      else to = middle
    }
    return from
  }

  async #ask<T>(
    kind: keyof Requests,
    work: () => T,
  ): Promise<{ readonly answer: T; readonly attempts: number }> {
    for (let attempts = 1; attempts <= ATTEMPTS; attempts += 1) {
      this.#wait(ANSWER_MS)
      this.requests[kind] += 1
      const isRefused = this.#isAway() || this.#random() < this.#faults.refused
      const answer = isRefused ? null : { answer: work(), attempts }
      if (answer !== null && this.#random() >= this.#faults.lost) return answer
      const pauseMs = backoff({ first: RETRY_MS, longest: Number.POSITIVE_INFINITY, factor: 4 }, attempts)
      if (attempts < ATTEMPTS) this.#wait(pauseMs * (0.5 + this.#random() / 2))
    }
    throw new Error('SlowDown')
  }

  #wait(milliseconds: number): void {
    this.#leftMs -= milliseconds
    if (this.#leftMs < 0) throw new Error('the store did not answer in time')
  }

  #isAway(): boolean {
    const { away } = this.#faults
    return away !== null && this.#clock.now() >= away.fromMs && this.#clock.now() < away.untilMs
  }
}
