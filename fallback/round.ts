import type { Logger } from 'pino'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import type { Changes } from './changes.ts'
import type { Collection } from './collection.ts'
import { coreFile, idOf, pathOf } from './core-file.ts'
import type { DumpsDirectory } from './dumps-directory.ts'
import type { EmptyDirectories } from './empty-directories.ts'
import { setPermissions } from './permissions.ts'
import type { Sight } from './sight.ts'
import { Usage } from './usage.ts'

/** The dumps directory, opened. */
interface Root extends DumpsDirectory {
  readonly directory: UntrustedDirectory
}

/** Who is told of what is seen. */
export interface Observers {
  readonly collection: Collection
  readonly changes: Changes
  readonly emptyDirectories: EmptyDirectories
  readonly log: Logger
  /** Milliseconds of the day's clock. */
  readonly now: () => number
}

/** One look at all of the dumps directory, or at a part of it: what was there. */
export class Round {
  readonly files = new Set<string>()
  readonly ids = new Set<string>()
  readonly directories = new Set<string>()
  readonly usage = new Usage()
  readonly #root: Root
  readonly #observers: Observers

  constructor(root: Root, observers: Observers) {
    this.#root = root
    this.#observers = observers
  }

  async see(sight: Sight): Promise<void> {
    const { changes, emptyDirectories, log, now } = this.#observers
    const { directory, isBlind } = this.#root
    if (sight.kind === 'file') this.files.add(pathOf(sight.segments))
    if (sight.kind === 'entered') this.directories.add(pathOf(sight.segments))
    await setPermissions(sight, log)
    await emptyDirectories.see(sight, directory, now())
    if (sight.kind === 'entered' && !isBlind) await changes.watch(sight.segments, sight.directory)
    if (sight.kind === 'file') await this.#seeFile(sight)
  }

  async #seeFile({ segments, stat, directory }: Sight & { kind: 'file' }): Promise<void> {
    const file = coreFile(segments, stat)
    if (file === null) return
    this.usage.add(file, await this.#observers.collection.see(file, directory, this.#root.path))
    this.ids.add(idOf(file))
  }
}
