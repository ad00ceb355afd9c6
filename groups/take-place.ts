import { keptPrefix } from '../crash/group-key.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { type KeptWindow, placeName, standingOf, type WindowRule, windowAfter } from './outbreak.ts'

/** What a node remembers of a group, so that it need not list again. */
export interface KnownWindow extends Pick<KeptWindow, 'outbreak' | 'number'> {
  /** The places before it are taken. */
  readonly next: number
}

/** `place` is the key of one: that of ours, or the last of those that are taken. */
export type Answer = {
  readonly outcome: 'won' | 'full'
  readonly place: string
  readonly window: KeptWindow
  readonly known: KnownWindow
}

interface Asking {
  /** The group's. */
  readonly folder: string
  readonly body: Uint8Array
  readonly rule: WindowRule
  /** Seconds since the epoch. */
  readonly now: number
  /** `null`: nothing. */
  readonly known: KnownWindow | null
  readonly signal: AbortSignal
}

interface Standing {
  readonly window: KeptWindow
  readonly taken: ReadonlySet<number>
  readonly next: number
}

export type PlaceStore = Pick<ObjectStore, 'putIfNew' | 'list'>

/** Who finds that many taken since it looked looks again: one request says which are. */
const MOST_TRIES = 16
/** As often as `dedupe.keep` asks for; who is always late after that keeps its core. */
const MOST_LOOKS = 64
/** Of a group that crashed for years. */
const MOST_NAMES = 10_000

/**
 * Asks for one of the places of the window that is now: one request of a node that knows of the window, and none of one
 * that knows it to be full.
 */
export class PlaceQuestion {
  readonly #store: PlaceStore
  readonly #asking: Asking
  #asked: string | null = null

  constructor(store: PlaceStore, asking: Asking) {
    this.#store = store
    this.#asking = asking
  }

  /** The place that was asked for last: it may be ours, also where no answer came. */
  get asked(): string | null {
    return this.#asked
  }

  /** Whether the node knows that all places are taken, and need not ask. */
  get isAnswered(): boolean {
    return (this.#remembered()?.next ?? 0) >= this.#asking.rule.keep
  }

  async ask(): Promise<Answer> {
    let standing = this.#remembered() ?? (await this.#listed())
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const answer = await this.#askFrom(standing)
      if (typeof answer !== 'number') return answer
      const listed = await this.#listed()
      standing = isSame(standing.window, listed.window) ? { ...listed, next: answer } : listed
    }
    throw new Error(`${MOST_LOOKS * MOST_TRIES} places were taken by others meanwhile`)
  }

  /** A number: too many were taken by others meanwhile, all before this one. */
  async #askFrom({ window, taken, next }: Standing): Promise<Answer | number> {
    const { body, rule, signal } = this.#asking
    let tries = 0
    for (let place = next; place < rule.keep; place += 1) {
      if (taken.has(place)) continue
      this.#asked = this.#keyOf(window, place)
      if ((await this.#store.putIfNew(this.#asked, body, signal)) === 'won')
        return this.#answer('won', window, place)
      tries += 1
      if (tries === MOST_TRIES) return place + 1
    }
    return this.#answer('full', window, rule.keep - 1)
  }

  #remembered(): Standing | null {
    const { known, now, rule } = this.#asking
    const window = known && windowAfter(known, now, rule)
    if (known === null || window === null) return null
    return { window, taken: new Set(), next: window.number === known.number ? known.next : 0 }
  }

  async #listed(): Promise<Standing> {
    const { folder, now, rule, signal } = this.#asking
    const prefix = keptPrefix(folder)
    const names: string[] = []
    for await (const { key } of this.#store.list(prefix, '', signal)) {
      signal.throwIfAborted()
      names.push(key.slice(prefix.length))
      if (names.length === MOST_NAMES) break
    }
    return { ...standingOf(names, now, rule), next: 0 }
  }

  #answer(outcome: Answer['outcome'], window: KeptWindow, place: number): Answer {
    const known = { outbreak: window.outbreak, number: window.number, next: place + 1 }
    return { outcome, place: this.#keyOf(window, place), window, known }
  }

  #keyOf(window: KeptWindow, place: number): string {
    return keptPrefix(this.#asking.folder) + placeName(window, place)
  }
}

function isSame(one: KeptWindow, other: KeptWindow): boolean {
  return one.outbreak === other.outbreak && one.number === other.number
}
