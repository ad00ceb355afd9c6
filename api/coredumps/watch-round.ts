import { indexedFolder } from '../../crash/index-entry.ts'
import type { Indexed } from '../outside.ts'

/** What was found for watchers, from the first one until the last one is gone. */
export class WatchRound {
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
