import type { Logger } from 'pino'
import { type Attempt, type AttemptEntry, AttemptsFile } from './attempts-file.ts'
import { LONGEST_RETRY_MS, retryMs } from './retry.ts'

const MOST = 10_000

/**
 * The core files that could not be taken, by their ids, over restarts of ours. An attempt is written down
 * before it is made: a file that ends its reader, and us with it, is not the first again when we are back.
 * Should it be lost, all are tried at once.
 */
export class Attempts {
  readonly #file: AttemptsFile
  readonly #attempts: Map<string, Attempt>
  #changed = false

  private constructor(file: AttemptsFile, entries: readonly AttemptEntry[]) {
    this.#file = file
    this.#attempts = new Map(entries.slice(-MOST))
  }

  static async read(file: string, log: Logger): Promise<Attempts> {
    const attemptsFile = new AttemptsFile(file, log)
    return new Attempts(attemptsFile, await attemptsFile.read())
  }

  /**
   * What was there before; a clock that was set back keeps no file waiting for longer than a failure would.
   */
  get(id: string, nowMs: number): Attempt | undefined {
    const attempt = this.#attempts.get(id)
    return attempt && { ...attempt, dueMs: Math.min(attempt.dueMs, nowMs + LONGEST_RETRY_MS) }
  }

  /**
   * It is about to be taken. To be cut off once may be bad luck, and costs no time; each further time does.
   */
  async begin(id: string, nowMs: number): Promise<void> {
    const failures = (this.#attempts.get(id)?.failures ?? 0) + 1
    const attempt = { failures, dueMs: nowMs + (failures === 1 ? 0 : retryMs(failures - 1)) }
    this.#put(id, attempt)
    await this.#written(this.#file.append([id, attempt]))
  }

  /** It failed, which {@link begin} has counted, and is tried again at `dueMs`. */
  failed(id: string, dueMs: number): void {
    const attempt = this.#attempts.get(id)
    if (attempt !== undefined) this.#put(id, { ...attempt, dueMs })
  }

  /** We cut it off ourselves: nothing is wrong with it. */
  forgive(id: string, nowMs: number): void {
    const failures = (this.#attempts.get(id)?.failures ?? 1) - 1
    if (failures === 0) this.delete(id)
    else this.#put(id, { failures, dueMs: nowMs })
  }

  delete(id: string): void {
    this.#changed = this.#attempts.delete(id) || this.#changed
  }

  /** Forgets all that are not in `there`. */
  retain(there: ReadonlySet<string>): void {
    for (const id of this.#attempts.keys()) if (!there.has(id)) this.delete(id)
  }

  /** Writes all of it anew, if there is anything new. */
  async keep(): Promise<void> {
    if (!this.#changed) return
    this.#changed = false
    await this.#written(this.#file.replace(this.#attempts))
  }

  /** Writes it all for the last time. */
  async end(): Promise<void> {
    await this.keep()
    await this.#file.close()
  }

  /** As long as we live we know them. A full disk is no reason to stop emptying it. */
  async #written(writing: Promise<boolean>): Promise<void> {
    if (!(await writing)) this.#changed = true
  }

  /** Too many: the oldest are forgotten. */
  #put(id: string, attempt: Attempt): void {
    this.#attempts.set(id, attempt)
    this.#changed = true
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > MOST && oldest !== undefined) this.#attempts.delete(oldest)
  }
}
