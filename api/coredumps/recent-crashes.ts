import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { clusterIn, indexedFolder } from '../../crash/index-entry.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { CrashIndex, Indexed } from '../outside.ts'
import { CLOCKS_APART_MS } from './position.ts'

const HOUR_MS = 60 * 60_000

/** How often the store is asked. A quiet one answers the short look with three listings, the long one with seven. */
export interface Rhythm {
  readonly pauseSeconds: number
  /** At each look. */
  readonly shortMs: number
  /** At the first, and then every {@link Rhythm.looksToLong}: what was stored long after it crashed. */
  readonly longMs: number
  readonly looksToLong: number
  readonly mostNames: number
}

const RHYTHM: Rhythm = {
  pauseSeconds: 5,
  shortMs: HOUR_MS,
  longMs: 24 * HOUR_MS,
  looksToLong: 12,
  mostNames: 20_000,
}

/** What a watcher has not been told yet. */
export interface News {
  readonly found: readonly Indexed[]
  /** All that was stored until then was found, by the clock of the store. */
  readonly settledMs: number
}

interface Parts {
  readonly index: Pick<CrashIndex, 'ofAll'>
  readonly cluster: string
  readonly log: Pick<Logger, 'warn'>
  readonly pause?: Pause
  readonly now?: () => number
  readonly rhythm?: Partial<Rhythm>
}

/**
 * The crashes of the last day, by looking into the index again and again, as long as there are watchers: once for all
 * of them.
 */
export class RecentCrashes {
  readonly #index: Pick<CrashIndex, 'ofAll'>
  readonly #cluster: string
  readonly #log: Pick<Logger, 'warn'>
  readonly #pause: Pause
  readonly #now: () => number
  readonly #rhythm: Rhythm
  #round: Round | null = null

  constructor({ index, cluster, log, pause: wait = pause, now = Date.now, rhythm }: Parts) {
    this.#index = index
    this.#cluster = clusterIn(cluster)
    this.#log = log
    this.#pause = wait
    this.#now = now
    this.#rhythm = { ...RHYTHM, ...rhythm }
  }

  /** First all that there is, then what comes, each crash once; for as long as `signal` is not aborted. */
  async *follow(signal: AbortSignal): AsyncGenerator<News, void, void> {
    const round = this.#join()
    const gone = () => round.wake()
    signal.addEventListener('abort', gone, { once: true })
    try {
      let looked = 0
      let told = 0
      while (!signal.aborted) {
        if (round.looks === looked) {
          await round.nextLook()
          continue
        }
        looked = round.looks
        const found = round.foundFrom(told)
        told = round.foundCount
        yield { found, settledMs: round.settledMs }
      }
    } finally {
      signal.removeEventListener('abort', gone)
      this.#leave(round)
    }
  }

  #join(): Round {
    if (this.#round === null) {
      this.#round = new Round(this.#rhythm.mostNames)
      void this.#look(this.#round)
    }
    this.#round.watchers += 1
    return this.#round
  }

  #leave(round: Round): void {
    round.watchers -= 1
    if (round.watchers > 0) return
    round.over.abort()
    this.#round = null
  }

  async #look(round: Round): Promise<void> {
    const { signal } = round.over
    let longAtMs = Number.NEGATIVE_INFINITY
    for (let look = 0; !signal.aborted; look += 1) {
      const beganMs = this.#now()
      const isLong = look % this.#rhythm.looksToLong === 0 || longAtMs === Number.NEGATIVE_INFINITY
      if (await this.#find(round, beganMs - (isLong ? this.#rhythm.longMs : this.#rhythm.shortMs))) {
        if (isLong) longAtMs = beganMs
        round.looked(longAtMs - CLOCKS_APART_MS, beganMs - this.#rhythm.longMs)
      }
      await this.#pause(this.#rhythm.pauseSeconds, signal)
    }
  }

  /** `false`: the store did not say all; the next look may. */
  async #find(round: Round, sinceMs: number): Promise<boolean> {
    const { signal } = round.over
    try {
      let names = 0
      for await (const indexed of this.#index.ofAll({ since: new Date(sinceMs), signal })) {
        if (indexed.entry.cluster === this.#cluster) round.find(indexed)
        names += 1
        if (names === this.#rhythm.mostNames) break
      }
      return true
    } catch (cause) {
      if (!signal.aborted) this.#log.warn({ reason: messageOf(cause) }, 'index not read')
      return false
    }
  }
}

/** From the first watcher until the last one is gone. */
class Round {
  readonly over = new AbortController()
  readonly #mostNames: number
  /** Their folders: another crash may be given the id of one by whoever may write to the bucket. */
  readonly #folders = new Set<string>()
  readonly #found: Indexed[] = []
  /** Of all that were found, how many are forgotten. */
  #forgotten = 0
  #next = Promise.withResolvers<void>()
  looks = 0
  watchers = 0
  settledMs = 0

  constructor(mostNames: number) {
    this.#mostNames = mostNames
  }

  get foundCount(): number {
    return this.#forgotten + this.#found.length
  }

  foundFrom(count: number): readonly Indexed[] {
    return this.#found.slice(Math.max(0, count - this.#forgotten))
  }

  find(indexed: Indexed): void {
    const folder = indexedFolder(indexed.entry)
    if (this.#folders.has(folder)) return
    this.#folders.add(folder)
    this.#found.push(indexed)
  }

  looked(settledMs: number, oldestMs: number): void {
    this.#forget(oldestMs)
    this.settledMs = settledMs
    this.looks += 1
    this.wake()
  }

  /** What was found first, as far as it is found no more, or there are too many: to whom it is news, position tells. */
  #forget(oldestMs: number): void {
    const tooMany = this.#found.length - this.#mostNames
    const keptFrom = this.#found.findIndex(
      ({ entry }, at) => at >= tooMany && entry.time.getTime() >= oldestMs,
    )
    const gone = this.#found.splice(0, keptFrom < 0 ? this.#found.length : keptFrom)
    for (const { entry } of gone) this.#folders.delete(indexedFolder(entry))
    this.#forgotten += gone.length
  }

  wake(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers<void>()
  }

  nextLook(): Promise<void> {
    return this.#next.promise
  }
}
