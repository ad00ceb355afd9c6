import type { FileHandle } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { FallbackConfig } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { type Completeness, completenessOf } from './completeness.ts'
import { type CoreFile, idOf, isUnchanged, shownPath } from './core-file.ts'
import type { FileLives } from './file-lives.ts'
import { removeCore } from './remove-core.ts'
import type { TakeCore } from './take-core.ts'
import type { Verdict } from './verdict.ts'

export interface FileJourneyOptions {
  readonly fallback: Pick<FallbackConfig, 'deleteLocalCorefile' | 'deleteBy'>
  readonly take: TakeCore
  readonly log: Logger
  /** Milliseconds of the day's clock. */
  readonly now: () => number
}

/**
 * What is done with one core file: looked at, taken, removed. Each says in `lives` what became of the file.
 * Kills at any moment do no harm: a file is removed only after it is stored, and one that is taken twice is
 * stored under one key.
 */
export class FileJourney {
  readonly #options: FileJourneyOptions
  readonly #lives: FileLives
  readonly #stop: AbortSignal

  constructor(options: FileJourneyOptions, lives: FileLives, stop: AbortSignal) {
    this.#options = options
    this.#lives = lives
    this.#stop = stop
  }

  /** `directory` is the one that it is in. What cannot be read of one file does not keep us from the others. */
  async look(file: CoreFile, directory: UntrustedDirectory): Promise<void> {
    try {
      await using opened = await directory.openFile(file.segments.at(-1) ?? '')
      if (opened !== null) await this.#saw(file, await completenessOf(opened))
    } catch (cause) {
      this.#tellOfNews(file)
      await this.#failed(file, { outcome: 'failed', reason: messageOf(cause) })
    }
  }

  /** Never rejects. `root` is where the dumps directory is. */
  async take(file: CoreFile, root: string): Promise<void> {
    try {
      await using directory = await UntrustedDirectory.open(root)
      await using inside = await directory.descend(file.segments.slice(0, -1))
      await using opened = (await inside?.openFile(file.segments.at(-1) ?? '')) ?? null
      if (opened === null || !(await isStill(file, opened))) await this.#lives.happened(file, 'changed')
      else await this.#takeOpened(file, opened, root)
    } catch (cause) {
      await this.#failed(file, { outcome: 'failed', reason: messageOf(cause) })
    }
  }

  /** Removes a file that is stored. */
  async remove(file: CoreFile, root: string): Promise<void> {
    const { fallback, log } = this.#options
    await using directory = await UntrustedDirectory.open(root)
    if (await removeCore(directory, file, fallback.deleteBy, log)) await this.#lives.happened(file, 'removed')
  }

  /** Removes a file that is stored, where the operator wants none to stay. */
  async removeStored(file: CoreFile, root: string): Promise<void> {
    if (this.#options.fallback.deleteLocalCorefile) await this.remove(file, root)
  }

  async #saw(file: CoreFile, completeness: Completeness): Promise<void> {
    if (completeness !== 'foreign') this.#tellOfNews(file)
    await this.#lives.happened(file, completeness)
  }

  #tellOfNews(file: CoreFile): void {
    if (!this.#lives.isNews(file)) return
    const shown = shownPath(file.segments)
    this.#options.log.info({ path: shown }, `received fsnotify event: ${shown}, op: CREATE`)
  }

  async #takeOpened(file: CoreFile, opened: FileHandle, root: string): Promise<void> {
    const { take, log } = this.#options
    const path = shownPath(file.segments)
    log.info({ path }, `capture a file:${path}`)
    await this.#lives.happened(file, 'begun')
    const verdict = await take({ id: idOf(file), file, opened }, this.#stop)
    if (verdict.outcome === 'failed') return this.#failed(file, verdict)
    if (await isStill(file, opened)) return this.#conclude(file, verdict, root)
    log.warn({ path }, 'core file changed while it was taken')
    await this.#lives.happened(file, 'changed')
  }

  async #conclude(file: CoreFile, { outcome, report, reason }: Verdict, root: string): Promise<void> {
    const { log } = this.#options
    const { state } = await this.#lives.happened(file, outcome)
    if (outcome === 'refused')
      return log.warn({ path: shownPath(file.segments), reason }, 'core file refused')
    const { namespace, name } = report?.pod ?? {}
    if (namespace !== undefined && name !== undefined)
      log.info({ namespace, pod: name }, `resolved pod from webhook path: ${namespace}/${name}`)
    if (state === 'stored') await this.removeStored(file, root)
  }

  async #failed(file: CoreFile, { reason, hint }: Verdict): Promise<void> {
    if (this.#stop.aborted) {
      await this.#lives.happened(file, 'stopped')
      return
    }
    const nowMs = this.#options.now()
    const { dueMs } = await this.#lives.happened(file, 'failed')
    const retrySeconds = Math.round(((dueMs ?? nowMs) - nowMs) / 1000)
    const path = shownPath(file.segments)
    this.#options.log.error({ path, reason, hint, retrySeconds }, 'core file not stored')
  }
}

async function isStill({ stat }: CoreFile, opened: FileHandle): Promise<boolean> {
  const now = await opened.stat({ bigint: true })
  return now.nlink === 1n && isUnchanged(stat, now)
}
