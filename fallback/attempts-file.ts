import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { fieldsIn } from '../crash/fields.ts'
import { writeWhole } from '../durable/atomic-file.ts'
import { FORMAT_VERSION, LEFT_ALONE, LEFT_ALONE_HINT, saysAnotherVersion } from '../handoff/format-version.ts'

/** How often it was tried to take a file, and did not end well. */
export interface Attempt {
  readonly failures: number
  /** When it is tried again, in milliseconds of the day's clock. */
  readonly dueMs: number
}

/** By the file's id. */
export type AttemptEntry = readonly [id: string, attempt: Attempt]

/** The first line; a release that knows no version takes it for none of ours. */
const HEAD = `${JSON.stringify({ version: FORMAT_VERSION })}\n`

/**
 * Where attempts are written down: a line each, and the last of one id counts. To add one is a single write,
 * which ten thousand small files do not notice. Writes come one after the other; what cannot be written is
 * logged.
 */
export class AttemptsFile {
  readonly #file: string
  readonly #log: Logger
  #isLeftAlone = false
  #journal: FileHandle | null = null
  #written: Promise<boolean> = Promise.resolve(true)

  constructor(file: string, log: Logger) {
    this.#file = file
    this.#log = log
  }

  /** What another release has written there stays, and nothing is written any more. */
  async read(): Promise<readonly AttemptEntry[]> {
    // Nothing on the first start, or if it was lost: rather too early than never.
    const text = await readFile(this.#file, 'utf8').catch(() => '')
    if (!saysAnotherVersion(text)) return text.split('\n').flatMap(line => readLine(line) ?? [])
    this.#isLeftAlone = true
    this.#log.warn({ file: this.#file, hint: LEFT_ALONE_HINT }, LEFT_ALONE)
    return []
  }

  /** Resolves with `false` if it could not be written. */
  append(entry: AttemptEntry): Promise<boolean> {
    return this.#next(() => this.#append(entry))
  }

  /** Writes the file anew. Resolves with `false` if it could not be written. */
  replace(entries: Iterable<AttemptEntry>): Promise<boolean> {
    const text = HEAD + [...entries].map(lineOf).join('')
    return this.#next(async () => {
      await this.#close()
      await writeWhole(this.#file, text)
    })
  }

  close(): Promise<boolean> {
    return this.#next(() => this.#close())
  }

  async #append(entry: AttemptEntry): Promise<void> {
    if (this.#journal === null) {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 })
      this.#journal = await open(this.#file, 'a', 0o600)
    }
    const isNew = (await this.#journal.stat()).size === 0
    await this.#journal.write(isNew ? HEAD + lineOf(entry) : lineOf(entry))
  }

  async #close(): Promise<void> {
    await this.#journal?.close()
    this.#journal = null
  }

  /** One after the other, whatever became of the one before. */
  #next(write: () => Promise<void>): Promise<boolean> {
    if (this.#isLeftAlone) return this.#written
    this.#written = this.#written.then(write).then(
      () => true,
      cause => {
        const reason = messageOf(cause)
        this.#log.warn({ file: this.#file, reason }, 'attempts at core files not written down')
        return false
      },
    )
    return this.#written
  }
}

function lineOf([id, attempt]: AttemptEntry): string {
  return `${JSON.stringify({ id, ...attempt })}\n`
}

/** `null`: it was cut by a kill, or is none of ours. */
function readLine(text: string): [AttemptEntry] | null {
  const { id, failures, dueMs } = fieldsIn(text) ?? {}
  const isWhole = typeof id === 'string' && Number.isSafeInteger(failures) && Number.isFinite(dueMs)
  return isWhole && Number(failures) > 0 ? [[id, { failures: Number(failures), dueMs: Number(dueMs) }]] : null
}
