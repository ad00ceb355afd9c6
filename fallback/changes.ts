import { type FSWatcher, watch } from 'node:fs'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { pathOf } from './core-file.ts'

const MOST_WATCHES = 10_000

/**
 * Tells in which directories something happened. It only makes us quicker: what it misses (a full queue of
 * the kernel, another client of a share), the next sweep finds.
 */
export class Changes {
  readonly #log: Logger
  readonly #watches = new Map<string, { readonly watcher: FSWatcher; readonly ino: bigint }>()
  readonly #changed = new Map<string, readonly string[]>()
  #isExhausted = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Whether there are directories that are not watched: the kernel allows only so many. */
  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /** To be called before the directory is listed: so nothing falls in between. */
  async watch(segments: readonly string[], directory: UntrustedDirectory): Promise<void> {
    const path = pathOf(segments)
    const { ino } = await directory.statSelf()
    const known = this.#watches.get(path)
    if (known?.ino === ino) return
    known?.watcher.close()
    this.#watches.delete(path)
    const watcher = this.#watches.size < MOST_WATCHES ? this.#start(segments, directory) : null
    if (watcher === null) this.#isExhausted = true
    else this.#watches.set(path, { watcher, ino })
  }

  /** Says that the directory at `segments` is to be looked at. */
  mark(segments: readonly string[]): void {
    this.#changed.set(pathOf(segments), segments)
  }

  /** The directories where something happened since this was asked last. */
  take(): readonly (readonly string[])[] {
    const changed = [...this.#changed.values()]
    this.#changed.clear()
    return changed
  }

  /** Forgets all directories that are not in `there`. */
  retain(there: ReadonlySet<string>): void {
    for (const [path, { watcher }] of this.#watches) {
      if (there.has(path)) continue
      watcher.close()
      this.#watches.delete(path)
    }
    this.#isExhausted = false
  }

  end(): void {
    this.retain(new Set())
  }

  #start(segments: readonly string[], directory: UntrustedDirectory): FSWatcher | null {
    try {
      const watcher = watch(directory.path, { persistent: false }, () => this.mark(segments))
      watcher.on('error', () => this.mark(segments))
      return watcher
    } catch (cause) {
      if (!this.#isExhausted)
        this.#log.warn({ reason: messageOf(cause), hint: HINT }, 'directory not watched')
      return null
    }
  }
}

const HINT = 'Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances; until then it is polled.'
