import type { FallbackConfig } from '../config/config.ts'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import type { CoreFile } from './core-file.ts'
import { FileJourney, type FileJourneyOptions } from './file-journey.ts'
import { FileLives, type FileLivesOptions } from './file-lives.ts'
import { Queue } from './queue.ts'

interface CollectionOptions extends FileLivesOptions, FileJourneyOptions {
  readonly fallback: Pick<FallbackConfig, 'concurrency' | 'deleteLocalCorefile' | 'deleteBy'>
}

/**
 * The core files of a node, from when they are seen until they are dealt with; their states are in the table
 * of `file-life.ts`, and what is done with one is in `file-journey.ts`.
 */
export class Collection {
  readonly #lives: FileLives
  readonly #journey: FileJourney
  readonly #queue: Queue
  readonly #stop = new AbortController()

  constructor(options: CollectionOptions) {
    const { now, fallback } = options
    this.#lives = new FileLives(options)
    this.#journey = new FileJourney(options, this.#lives, this.#stop.signal)
    const take = (file: CoreFile, root: string) => this.#journey.take(file, root)
    this.#queue = new Queue(take, { concurrency: fallback.concurrency, now })
  }

  /** Returns whether the file is stored already. `directory` is the one that it is in. */
  async see(file: CoreFile, directory: UntrustedDirectory, root: string): Promise<boolean> {
    const { state } = this.#lives.of(file)
    // It was stored, and we were killed before it was removed, or it could not be.
    if (state === 'stored') await this.#journey.removeStored(file, root)
    if (state === 'unseen') await this.#journey.look(file, directory)
    if (this.#lives.isDue(file)) await this.#enqueue(file, root)
    return state === 'stored'
  }

  /** Where files are worth another look. */
  due(): readonly (readonly string[])[] {
    return this.#lives.due()
  }

  /** Forgets what is gone: all but `paths` and `ids`, which are all that is there. */
  retain(paths: ReadonlySet<string>, ids: ReadonlySet<string>): void {
    this.#lives.retain(paths, ids)
  }

  /** Removes a file that is stored. */
  async remove(file: CoreFile, root: string): Promise<void> {
    await this.#journey.remove(file, root)
  }

  /** Begins what may begin by now. */
  goOn(root: string): void {
    this.#queue.goOn(root)
  }

  /** Ends what is under way, and waits for it. */
  async end(): Promise<void> {
    this.#stop.abort()
    await this.#queue.end()
    await this.#lives.end()
  }

  async #enqueue(file: CoreFile, root: string): Promise<void> {
    await this.#lives.happened(file, 'due')
    this.#queue.add(file, root)
  }
}
