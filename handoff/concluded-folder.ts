import { access, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../crash/system-error.ts'

/** Of a file system in memory: while the disk hangs, every crash leaves one. */
const MOST = 4096
const LIFE_SECONDS = 7 * 24 * 3600

/**
 * The crashes that have come to their end and whose beginning could not be removed, because the disk of the
 * state folder did not answer. It lies in the run folder, which is on no disk: the installer that finds the
 * beginning later must not take the crash for lost. An empty file each, by its id. Methods reject with the
 * errors of `node:fs`.
 */
export class ConcludedFolder {
  readonly #folder: string

  constructor(runFolder: string) {
    this.#folder = path.join(runFolder, 'concluded')
  }

  /** What is more than the folder takes is left out. */
  async add(id: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    if ((await readdir(this.#folder)).length >= MOST) return
    await writeFile(path.join(this.#folder, id), '', { mode: 0o600 })
  }

  async has(id: string): Promise<boolean> {
    return access(path.join(this.#folder, id)).then(() => true, orIfMissing(false))
  }

  /** Twice does no harm. */
  async remove(id: string): Promise<void> {
    await rm(path.join(this.#folder, id), { force: true })
  }

  /** Removes those whose beginning was not found for a week: it was never written. */
  async tidy(now: Date): Promise<void> {
    for (const name of await readdir(this.#folder).catch(orIfMissing([]))) {
      const made = await stat(path.join(this.#folder, name)).catch(orIfMissing(null))
      if (made !== null && now.getTime() - made.mtimeMs > LIFE_SECONDS * 1000) await this.remove(name)
    }
  }
}
