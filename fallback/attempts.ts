import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { fieldsIn } from '../crash/fields.ts'
import { writeWhole } from '../durable/atomic-file.ts'
import { FORMAT_VERSION, LEFT_ALONE, LEFT_ALONE_HINT, saysAnotherVersion } from '../handoff/format-version.ts'
import { LONGEST_RETRY_MS, retryMs } from './retry.ts'

const MOST = 10_000

/** How often it was tried to take a file, and did not end well. */
export interface Attempt {
  readonly failures: number
  /** When it is tried again, in milliseconds of the day's clock. */
  readonly dueMs: number
}

/** The first line; a release that knows no version takes it for none of ours. */
const HEAD = `${JSON.stringify({ version: FORMAT_VERSION })}\n`

type Line = Attempt & { readonly id: string }

/**
 * The core files that could not be taken, by their ids, over restarts of ours. An attempt is written down
 * before it is made: a file that ends its reader, and us with it, is not the first again when we are back.
 * Should it be lost, all are tried at once.
 *
 * A line each, and the last of one id counts: to add one is a single write, which ten thousand small files do
 * not notice.
 */
export class Attempts {
  readonly #file: string
  readonly #log: Logger
  readonly #attempts: Map<string, Attempt>
  #changed = false
  #isLeftAlone = false
  #journal: FileHandle | null = null
  #kept: Promise<void> = Promise.resolve()

  private constructor(file: string, log: Logger, attempts: Map<string, Attempt>) {
    this.#file = file
    this.#log = log
    this.#attempts = attempts
  }

  static async read(file: string, log: Logger): Promise<Attempts> {
    // Nothing on the first start, or if it was lost: rather too early than never.
    const text = await readFile(file, 'utf8').catch(() => '')
    const attempts = new Attempts(file, log, new Map(entriesIn(text)))
    if (saysAnotherVersion(text)) attempts.#leaveAlone()
    return attempts
  }

  /** What another release has written there stays; ours are known for as long as we live. */
  #leaveAlone(): void {
    this.#isLeftAlone = true
    this.#log.warn({ file: this.#file, hint: LEFT_ALONE_HINT }, LEFT_ALONE)
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
    await this.#next(() => this.#append({ id, ...attempt }))
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
    await this.#next(async () => {
      await this.#close()
      await writeWhole(
        this.#file,
        HEAD + [...this.#attempts].map(([id, attempt]) => lineOf({ id, ...attempt })).join(''),
      )
    })
  }

  /** Writes it all for the last time. */
  async end(): Promise<void> {
    await this.keep()
    await this.#next(() => this.#close())
  }

  async #append(line: Line): Promise<void> {
    if (this.#journal === null) {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 })
      this.#journal = await open(this.#file, 'a', 0o600)
    }
    const isNew = (await this.#journal.stat()).size === 0
    await this.#journal.write(isNew ? HEAD + lineOf(line) : lineOf(line))
  }

  async #close(): Promise<void> {
    await this.#journal?.close()
    this.#journal = null
  }

  /** One after the other, whatever became of the one before. */
  #next(write: () => Promise<void>): Promise<void> {
    if (this.#isLeftAlone) return this.#kept
    this.#kept = this.#kept.then(write).catch(cause => {
      // As long as we live we know them. A full disk is no reason to stop emptying it.
      this.#changed = true
      this.#log.warn(
        { file: this.#file, reason: messageOf(cause) },
        'attempts at core files not written down',
      )
    })
    return this.#kept
  }

  /** Too many: the oldest are forgotten. */
  #put(id: string, attempt: Attempt): void {
    this.#attempts.set(id, attempt)
    this.#changed = true
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > MOST && oldest !== undefined) this.#attempts.delete(oldest)
  }
}

function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

function entriesIn(text: string): (readonly [string, Attempt])[] {
  if (saysAnotherVersion(text)) return []
  const lines = text.split('\n').flatMap(line => readLine(line) ?? [])
  return lines.map(({ id, failures, dueMs }) => [id, { failures, dueMs }] as const).slice(-MOST)
}

/** `null`: it was cut by a kill, or is none of ours. */
function readLine(text: string): Line | null {
  const found = fieldsIn(text) ?? {}
  const { id, failures, dueMs } = found
  const isWhole = typeof id === 'string' && Number.isSafeInteger(failures) && Number.isFinite(dueMs)
  return isWhole && Number(failures) > 0 ? (found as unknown as Line) : null
}
