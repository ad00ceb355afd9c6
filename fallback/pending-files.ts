import type { Attempt } from './attempts.ts'
import type { Completeness } from './completeness.ts'
import { retryMs } from './retry.ts'

const MOST = 100_000
const REST_MS = 60_000

/** `failed`: it was tried to take it. `refused`: the handler found that it is no core. */
type State = Completeness | 'failed' | 'refused'

interface Known {
  /** Of the file as it was: see idOf. */
  readonly id: string
  readonly directory: readonly string[]
  readonly state: State
  /** When there is something to do again; `null`: when the file changes. */
  readonly dueMs: number | null
  readonly failures: number
}

/**
 * The files that were seen and are not dealt with, by their paths, and when they are worth another look. One
 * that is short may grow for hours; when it has rested for a minute, no process writes it any more. A file is
 * never given up.
 */
export class PendingFiles {
  readonly #known = new Map<string, Known>()
  readonly #random: () => number

  /** `random`: from 0 to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** What was seen of this very file, unchanged; `null`: it is to be looked at. */
  state(path: string, id: string): State | null {
    const known = this.#known.get(path)
    return known?.id === id ? known.state : null
  }

  /** Whether it was seen at all, and was a core. */
  isNews(path: string): boolean {
    const state = this.#known.get(path)?.state
    return state === undefined || state === 'foreign'
  }

  isDue(path: string, nowMs: number): boolean {
    const dueMs = this.#known.get(path)?.dueMs ?? null
    return dueMs !== null && dueMs <= nowMs
  }

  /** `earlier`: it was tried already, before a restart of ours. */
  saw(
    { path, id, directory }: Pick<Known, 'id' | 'directory'> & { readonly path: string },
    completeness: Completeness,
    nowMs: number,
    earlier: Attempt = { failures: 0, dueMs: nowMs },
  ): void {
    const completeMs = { whole: nowMs, short: nowMs + REST_MS, foreign: null }[completeness]
    const dueMs = completeMs === null ? null : Math.max(completeMs, earlier.dueMs)
    if (this.#known.size >= MOST) this.#forgetOldest()
    this.#known.set(path, { id, directory, state: completeness, dueMs, failures: earlier.failures })
  }

  /** It waits in the queue: there is nothing to do until it comes out. */
  queued(path: string): void {
    this.#change(path, { dueMs: null })
  }

  /**
   * Later with each time, up to ten minutes, and not all files of an outage at once. Returns in how many
   * seconds.
   */
  failed(path: string, nowMs: number): number {
    const known = this.#known.get(path)
    if (known === undefined) return 0
    const failures = known.failures + 1
    const pauseMs = Math.round(retryMs(failures) * (0.75 + 0.25 * this.#random()))
    this.#change(path, { state: 'failed', dueMs: nowMs + pauseMs, failures })
    return Math.round(pauseMs / 1000)
  }

  refused(path: string): void {
    this.#change(path, { state: 'refused', dueMs: null })
  }

  forget(path: string): void {
    this.#known.delete(path)
  }

  /** Forgets all that are not in `there`. */
  retain(there: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!there.has(path)) this.#known.delete(path)
  }

  /** The directories of the files that are worth another look now. */
  due(nowMs: number): readonly (readonly string[])[] {
    return [...this.#known.values()]
      .filter(({ dueMs }) => dueMs !== null && dueMs <= nowMs)
      .map(({ directory }) => directory)
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  #change(path: string, change: Partial<Known>): void {
    const known = this.#known.get(path)
    if (known !== undefined) this.#known.set(path, { ...known, ...change })
  }
}
