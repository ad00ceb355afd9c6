import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { clusterIn } from '../../crash/index-entry.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { CrashIndex, Indexed } from '../outside.ts'
import { CLOCKS_APART_MS } from './position.ts'
import { RHYTHM, type Rhythm } from './rhythm.ts'
import { WatchRound } from './watch-round.ts'

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
  #round: WatchRound | null = null

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

  #join(): WatchRound {
    if (this.#round === null) {
      this.#round = new WatchRound(this.#rhythm.mostNames)
      void this.#look(this.#round)
    }
    this.#round.watchers += 1
    return this.#round
  }

  #leave(round: WatchRound): void {
    round.watchers -= 1
    if (round.watchers > 0) return
    round.over.abort()
    this.#round = null
  }

  async #look(round: WatchRound): Promise<void> {
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
  async #find(round: WatchRound, sinceMs: number): Promise<boolean> {
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
