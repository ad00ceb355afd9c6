import type { FileHandle } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { FallbackConfig } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import type { Attempts } from './attempts.ts'
import { Backlog } from './backlog.ts'
import { type Completeness, completenessOf } from './completeness.ts'
import { type CoreFile, idOf, isUnchanged, pathOf, shownPath } from './core-file.ts'
import { Directory } from './directory.ts'
import type { Ledger } from './ledger.ts'
import { PendingFiles } from './pending-files.ts'
import { removeCore } from './remove-core.ts'
import type { TakeCore } from './take-core.ts'
import type { Verdict } from './verdict.ts'

export interface CollectionOptions {
  readonly fallback: Pick<FallbackConfig, 'concurrency' | 'deleteLocalCorefile' | 'deleteBy'>
  readonly take: TakeCore
  readonly ledger: Ledger
  readonly attempts: Attempts
  readonly now: () => number
  readonly log: Logger
}

/**
 * The core files of a node, from when they are seen until they are dealt with. Kills at any moment do no
 * harm: a file is removed only after it is stored, and one that is taken twice is stored under one key.
 */
export class Collection {
  readonly #options: CollectionOptions
  readonly #pending = new PendingFiles()
  readonly #backlog = new Backlog()
  readonly #underway = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()

  constructor(options: CollectionOptions) {
    this.#options = options
  }

  /** Returns whether the file is stored already. `directory` is the one that it is in. */
  async see(file: CoreFile, directory: Directory, root: string): Promise<boolean> {
    const { ledger } = this.#options
    const id = idOf(file)
    const dealt = ledger.get(id)
    if (dealt === undefined) await this.#consider(file, id, directory, root)
    // It was stored, and we were killed before it was removed, or it could not be.
    else if (dealt === 'stored') await this.#removeStored(file, id, root)
    return dealt === 'stored'
  }

  /** Where files are worth another look. */
  due(): readonly (readonly string[])[] {
    return this.#pending.due(this.#options.now())
  }

  /** Forgets what is gone: all but `paths` and `ids`, which are all that is there. */
  retain(paths: ReadonlySet<string>, ids: ReadonlySet<string>): void {
    this.#pending.retain(paths)
    this.#options.ledger.retain(ids)
    this.#options.attempts.retain(ids)
  }

  /** Removes a file that is stored. */
  async remove(file: CoreFile, root: string): Promise<void> {
    const { ledger, fallback, log } = this.#options
    await using directory = await Directory.open(root)
    if (await removeCore(directory, file, fallback.deleteBy, log)) ledger.delete(idOf(file))
  }

  /** Ends what is under way, and waits for it. */
  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#underway.values())
    await Promise.all([this.#options.ledger.keep(), this.#options.attempts.end()])
  }

  async #consider(file: CoreFile, id: string, directory: Directory, root: string): Promise<void> {
    const path = pathOf(file.segments)
    if (this.#backlog.has(path) || this.#underway.has(path)) return
    if (this.#pending.state(path, id) === null) await this.#look(file, id, directory)
    if (!this.#pending.isDue(path, this.#options.now())) return
    this.#pending.queued(path)
    this.#backlog.add(file)
    this.#fill(root)
  }

  /** What cannot be read of one file does not keep us from the others. */
  async #look(file: CoreFile, id: string, directory: Directory): Promise<void> {
    try {
      await using opened = await directory.openFile(file.segments.at(-1) ?? '')
      if (opened !== null) this.#saw(file, id, await completenessOf(opened))
    } catch (cause) {
      this.#saw(file, id, 'short')
      this.#retryLater(file, { outcome: 'failed', reason: messageOf(cause) })
    }
  }

  #saw(file: CoreFile, id: string, completeness: Completeness): void {
    const path = pathOf(file.segments)
    if (completeness !== 'foreign' && this.#pending.isNews(path)) {
      const shown = shownPath(file.segments)
      this.#options.log.info({ path: shown }, `received fsnotify event: ${shown}, op: CREATE`)
    }
    const nowMs = this.#options.now()
    const seen = { path, id, directory: file.segments.slice(0, -1) }
    this.#pending.saw(seen, completeness, nowMs, this.#options.attempts.get(id, nowMs))
  }

  #fill(root: string): void {
    while (this.#underway.size < this.#options.fallback.concurrency && !this.#stop.signal.aborted) {
      const file = this.#backlog.next()
      if (file === undefined) return
      const path = pathOf(file.segments)
      const work = this.#take(file, root).finally(() => {
        this.#underway.delete(path)
        this.#fill(root)
      })
      this.#underway.set(path, work)
    }
  }

  /** Never rejects. */
  async #take(file: CoreFile, root: string): Promise<void> {
    try {
      await using directory = await Directory.open(root)
      await using inside = await directory.descend(file.segments.slice(0, -1))
      await using opened = (await inside?.openFile(file.segments.at(-1) ?? '')) ?? null
      if (opened === null || !(await isStill(file, opened))) this.#pending.forget(pathOf(file.segments))
      else await this.#takeOpened(file, opened, root)
    } catch (cause) {
      this.#retryLater(file, { outcome: 'failed', reason: messageOf(cause) })
    }
  }

  async #takeOpened(file: CoreFile, opened: FileHandle, root: string): Promise<void> {
    const shown = shownPath(file.segments)
    this.#options.log.info({ path: shown }, `capture a file:${shown}`)
    const id = idOf(file)
    await this.#options.attempts.begin(id, this.#options.now())
    const verdict = await this.#options.take({ id, file, opened }, this.#stop.signal)
    if (verdict.outcome !== 'failed') this.#options.attempts.delete(id)
    if (verdict.outcome !== 'failed' && !(await isStill(file, opened))) {
      this.#options.log.warn({ path: shown }, 'core file changed while it was taken')
      this.#pending.forget(pathOf(file.segments))
    } else await this.#conclude(file, verdict, root)
  }

  async #conclude(file: CoreFile, verdict: Verdict, root: string): Promise<void> {
    const { ledger, log } = this.#options
    const { outcome, report, reason } = verdict
    const path = pathOf(file.segments)
    if (outcome === 'failed') return this.#retryLater(file, verdict)
    if (outcome === 'refused') {
      log.warn({ path: shownPath(file.segments), reason }, 'core file refused')
      return this.#pending.refused(path)
    }
    const { namespace, name } = report?.pod ?? {}
    if (namespace !== undefined && name !== undefined)
      log.info({ namespace, pod: name }, `resolved pod from webhook path: ${namespace}/${name}`)
    ledger.add(idOf(file), outcome === 'skipped' ? 'skipped' : 'stored')
    this.#pending.forget(path)
    if (outcome !== 'skipped') await this.#removeStored(file, idOf(file), root)
  }

  async #removeStored(file: CoreFile, id: string, root: string): Promise<void> {
    const { fallback, ledger } = this.#options
    if (!fallback.deleteLocalCorefile || ledger.get(id) === undefined) return
    await this.remove(file, root)
  }

  #retryLater(file: CoreFile, { reason, hint }: Verdict): void {
    const { attempts, now } = this.#options
    if (this.#stop.signal.aborted) {
      // Killed by us: nothing is wrong with it.
      attempts.forgive(idOf(file), now())
      return
    }
    const retrySeconds = this.#pending.failed(pathOf(file.segments), now())
    attempts.failed(idOf(file), now() + retrySeconds * 1000)
    const path = shownPath(file.segments)
    this.#options.log.error({ path, reason, hint, retrySeconds }, 'core file not stored')
  }
}

async function isStill({ stat }: CoreFile, opened: FileHandle): Promise<boolean> {
  const now = await opened.stat({ bigint: true })
  return now.nlink === 1n && isUnchanged(stat, now)
}
