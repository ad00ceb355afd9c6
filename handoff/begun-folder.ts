import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../crash/system-error.ts'
import { writeWhole } from '../durable/atomic-file.ts'
import { type BegunRecord, decodeBegunRecord, encodeBegunRecord } from './begun-record.ts'
import { boundedText } from './bounded-text.ts'
import { saysAnotherVersion } from './format-version.ts'

/** A command line of 32 KiB, and the labels of a pod. */
const LARGEST_RECORD_BYTES = 1024 * 1024
const TEMPORARY_SECONDS = 3600
const UNREADABLE_SECONDS = 7 * 24 * 3600

/**
 * The crashes whose handlers have begun and have nothing else to show yet, one file each. It lies in the
 * state folder: one in /run would not survive the restart of a node, which kills all handlers. Methods reject
 * with the errors of `node:fs`.
 */
export class BegunFolder {
  readonly #folder: string

  constructor(stateFolder: string) {
    this.#folder = path.join(stateFolder, 'begun')
  }

  /** In place of what was known before. */
  async write(record: BegunRecord): Promise<void> {
    await writeWhole(this.file(record.id), encodeBegunRecord(record))
  }

  /** Twice does no harm. */
  async remove(id: string): Promise<void> {
    await rm(this.file(id), { force: true })
  }

  /** At most `most` of them. */
  async ids(most: number): Promise<readonly string[]> {
    const found = (await readdir(this.#folder).catch(orIfMissing([]))).flatMap(
      name => /^([0-9a-f]{12})\.json$/.exec(name)?.[1] ?? [],
    )
    return found.slice(0, most)
  }

  /** `null`: it is gone, or cannot be read. One of another version stays, for the release that wrote it. */
  async read(id: string): Promise<BegunRecord | 'another version' | null> {
    const text = await textOf(this.file(id))
    const record = decodeBegunRecord(text)
    if (record?.id === id) return record
    return saysAnotherVersion(text) ? 'another version' : null
  }

  /** Removes what a killed writer left half written, and what could not be read for a week. */
  async tidy(now: Date): Promise<void> {
    for (const name of await readdir(this.#folder).catch(orIfMissing([]))) {
      const file = path.join(this.#folder, name)
      const changed = await stat(file).catch(orIfMissing(null))
      const life = name.endsWith('.new') ? TEMPORARY_SECONDS : UNREADABLE_SECONDS
      if (changed === null || now.getTime() - changed.mtimeMs <= life * 1000) continue
      if (!saysAnotherVersion(await textOf(file))) await rm(file, { force: true })
    }
  }

  /** Where the record of a crash is. */
  file(id: string): string {
    return path.join(this.#folder, `${id}.json`)
  }
}

async function textOf(file: string): Promise<string> {
  return (await boundedText(file, LARGEST_RECORD_BYTES)) ?? ''
}
