import type { Attempts } from './attempts.ts'
import { type CoreFile, idOf, pathOf } from './core-file.ts'
import { advance, type FileLife, type Happening, isDue, LIFE, type Step } from './file-life.ts'
import type { Ledger } from './ledger.ts'
import { PendingFiles } from './pending-files.ts'

export interface FileLivesOptions {
  readonly ledger: Ledger
  readonly attempts: Attempts
  /** Milliseconds of the day's clock. */
  readonly now: () => number
}

/** In which state each core file is. What of that outlives us is written down from here only. */
export class FileLives {
  readonly #ledger: Ledger
  readonly #attempts: Attempts
  readonly #now: () => number
  readonly #pending = new PendingFiles()

  constructor({ ledger, attempts, now }: FileLivesOptions) {
    this.#ledger = ledger
    this.#attempts = attempts
    this.#now = now
  }

  of(file: CoreFile): FileLife {
    const id = idOf(file)
    const dealt = this.#ledger.get(id)
    if (dealt !== undefined) return { state: dealt, dueMs: null, failures: 0 }
    return this.#pending.get(pathOf(file.segments), id) ?? this.#unseen(id)
  }

  isDue(file: CoreFile): boolean {
    const life = this.of(file)
    return life.state !== 'unseen' && isDue(life, this.#now())
  }

  /** Whether no core was seen at its path. */
  isNews({ segments }: CoreFile): boolean {
    return this.#pending.isNews(pathOf(segments))
  }

  /**
   * Changes its state at once, by the table; what has no place in it changes nothing. Resolves with its life
   * when the beginning of an attempt is written down; never rejects.
   */
  async happened(file: CoreFile, happening: Happening): Promise<FileLife> {
    const before = this.of(file)
    const step = LIFE[before.state][happening]
    if (step === undefined) return before
    const life = advance(before, step, this.#now(), Math.random())
    const [id, path] = [idOf(file), pathOf(file.segments)]
    // Another one may be on its way by the path of one that is stored.
    if (before.state === 'stored') this.#ledger.delete(id)
    else this.#pending.put({ id, path, directory: file.segments.slice(0, -1), life })
    if (life.state === 'stored' || life.state === 'skipped') this.#ledger.add(id, life.state)
    await this.#write(id, step.attempt, life)
    return life
  }

  /** In which directories there is something to do. */
  due(): readonly (readonly string[])[] {
    return this.#pending.due(this.#now())
  }

  /** Forgets what is gone: all but `paths` and `ids`, which are all that is there. */
  retain(paths: ReadonlySet<string>, ids: ReadonlySet<string>): void {
    this.#pending.retain(paths)
    this.#ledger.retain(ids)
    this.#attempts.retain(ids)
  }

  /** Writes down what outlives us, for the last time. */
  async end(): Promise<void> {
    await Promise.all([this.#ledger.keep(), this.#attempts.end()])
  }

  #unseen(id: string): FileLife {
    const { failures = 0, dueMs = null } = this.#attempts.get(id, this.#now()) ?? {}
    return { state: 'unseen', dueMs, failures }
  }

  async #write(id: string, attempt: Step['attempt'], { dueMs }: FileLife): Promise<void> {
    const nowMs = this.#now()
    if (attempt === 'begin') await this.#attempts.begin(id, nowMs)
    if (attempt === 'failed') this.#attempts.failed(id, dueMs ?? nowMs)
    if (attempt === 'forgive') this.#attempts.forgive(id, nowMs)
    if (attempt === 'delete') this.#attempts.delete(id)
  }
}
