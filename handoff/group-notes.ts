import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../crash/system-error.ts'
import { boundedText } from './bounded-text.ts'
import { encodeNote, type GroupNote, parseNote } from './group-note.ts'

/** Thousands of crashes more than come between two rounds of an installer. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024
/** Handlers that append at once may each come just before the bound. */
const LARGEST_READ_BYTES = 2 * LARGEST_FILE_BYTES

const FILE = 'notes'
const TAKEN = /^notes-([1-9]\d{0,14})$/

/**
 * Word of the crashes that all nodes count together: handlers append a line each, the installer takes the file away and
 * counts them. Methods reject with the errors of `node:fs`.
 */
export class GroupNotes {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Rejects, too, where there are too many that no installer has counted. */
  async add(note: GroupNote): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await using handle = await open(path.join(this.#folder, FILE), 'a', 0o600)
    if ((await handle.stat()).size >= LARGEST_FILE_BYTES)
      throw new Error('too many crashes are not counted yet')
    await handle.appendFile(encodeNote(note))
  }

  /**
   * Takes away what there is. It is read in the next round: a handler has the file open for a moment.
   */
  async take(number: number): Promise<void> {
    const [from, to] = [FILE, `${FILE}-${number}`].map(name => path.join(this.#folder, name))
    await rename(from as string, to as string).catch(orIfMissing(undefined))
  }

  /** Numbers of what was taken away, the first of them first. */
  async taken(): Promise<readonly number[]> {
    const names = await readdir(this.#folder).catch(orIfMissing([]))
    return names
      .flatMap(name => TAKEN.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  }

  /** Those of another version are passed over. */
  async read(number: number): Promise<readonly GroupNote[]> {
    const text = await boundedText(this.#file(number), LARGEST_READ_BYTES)
    return (text ?? '').split('\n').flatMap(line => parseNote(line) ?? [])
  }

  async forget(number: number): Promise<void> {
    await rm(this.#file(number), { force: true })
  }

  #file(number: number): string {
    return path.join(this.#folder, `${FILE}-${number}`)
  }
}
