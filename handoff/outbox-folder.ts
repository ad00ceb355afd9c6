import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../crash/errors.ts'
import { isMissing, orIfMissing } from '../crash/system-error.ts'
import { syncFolder, writeAtomic } from '../durable/atomic-file.ts'
import { saysAnotherVersion } from './format-version.ts'
import { encodeEntry, isCrashId, type OutboxEntry, parseEntry } from './outbox-entry.ts'

/** A store of notifications is no archive: some megabytes, and more than a person would read. */
export const MOST_ENTRIES = 10_000
/** A report has some kilobytes. */
const LARGEST_ENTRY_BYTES = 1024 * 1024

const SUFFIX = '.json'
const TEMPORARY = '.new'
const UNREADABLE = '.unreadable'
const TEMPORARY_MILLISECONDS = 3600 * 1000
const UNREADABLE_MILLISECONDS = 7 * 24 * 3600 * 1000

/**
 * Notifications on the node's disk, one file each, until every destination has heard of them. The handler
 * adds them, the installer delivers them; a reader of a file, after any kill, finds a whole entry. Methods
 * reject with the errors of `node:fs`.
 */
export class OutboxFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Adds an entry. Rejects with an {@link OperatorError} when there are too many. */
  async add(entry: OutboxEntry): Promise<void> {
    if ((await this.ids()).length >= MOST_ENTRIES) throw tooMany(this.#folder)
    await this.write(entry)
  }

  /**
   * Takes over `file`, which holds the whole entry of crash `id`: in one step it is here and no longer there.
   */
  async takeOver(file: string, id: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    if ((await this.ids()).length >= MOST_ENTRIES) throw tooMany(this.#folder)
    await rename(file, this.file(id))
    await syncFolder(this.#folder)
  }

  /** The crashes that have an entry. */
  async ids(): Promise<readonly string[]> {
    const names = (await namesIn(this.#folder)).filter(name => name.endsWith(SUFFIX))
    return names.map(name => name.slice(0, -SUFFIX.length)).filter(isCrashId)
  }

  /**
   * `null`: there is none any more. `unreadable`: none that can be read, and it is put aside. One of another
   * version stays, for the release that wrote it.
   */
  async read(id: string): Promise<OutboxEntry | 'unreadable' | 'another version' | null> {
    const file = this.file(id)
    try {
      const { size } = await stat(file)
      const text = size > LARGEST_ENTRY_BYTES ? '' : await readFile(file, 'utf8')
      const entry = parseEntry(text)
      if (entry?.notice.report.id === id) return entry
      if (saysAnotherVersion(text)) return 'another version'
      await rename(file, `${file}${UNREADABLE}`)
      return 'unreadable'
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** In place of the entry that there is. With no destination left to be told, the entry goes away. */
  async write(entry: OutboxEntry): Promise<void> {
    const file = this.file(entry.notice.report.id)
    if (entry.pending.length === 0) return rm(file, { force: true })
    await writeAtomic(file, encodeEntry(entry))
  }

  async remove(id: string): Promise<void> {
    await rm(this.file(id), { force: true })
  }

  /** Removes what a killed writer left, and what could not be read for a week. */
  async tidy(now: Date): Promise<void> {
    for (const name of await namesIn(this.#folder)) {
      const life = name.endsWith(TEMPORARY)
        ? TEMPORARY_MILLISECONDS
        : name.endsWith(UNREADABLE)
          ? UNREADABLE_MILLISECONDS
          : Number.POSITIVE_INFINITY
      const file = path.join(this.#folder, name)
      if (life < Number.POSITIVE_INFINITY && now.getTime() - (await stat(file)).mtimeMs > life)
        await rm(file, { force: true })
    }
  }

  /** Where the entry of a crash is. */
  file(id: string): string {
    return path.join(this.#folder, `${id}${SUFFIX}`)
  }
}

function tooMany(folder: string): OperatorError {
  return new OperatorError(
    `Cannot add to "${folder}": it holds ${MOST_ENTRIES} notices that were not delivered`,
    'Look in the log of the installer on this node for why they are not delivered, and whether it runs at all.',
  )
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(orIfMissing([]))
}
