import type { FileHandle } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { FallbackConfig } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import { Backlog } from './backlog.ts'
import { type Completeness, completenessOf } from './completeness.ts'
import { type CoreFile, idOf, isUnchanged, shownPath } from './core-file.ts'
import { Directory } from './directory.ts'
import { FileLives, type FileLivesOptions } from './file-lives.ts'
import { removeCore } from './remove-core.ts'
import type { TakeCore } from './take-core.ts'
import type { Verdict } from './verdict.ts'

/** As long as a crash waits for its turn by default, where the kernel's pipe is. */
const PATIENCE_MS = 600_000

export interface CollectionOptions extends FileLivesOptions {
  readonly fallback: Pick<FallbackConfig, 'concurrency' | 'deleteLocalCorefile' | 'deleteBy'>
  readonly take: TakeCore
  readonly log: Logger
}

/** A file that is being taken. */
interface Underway {
  readonly namespace: string
  readonly sinceMs: number
  readonly work: Promise<void>
}

/**
 * The core files of a node, from when they are seen until they are dealt with; their states are in the table
 * of `file-life.ts`. Kills at any moment do no harm: a file is removed only after it is stored, and one that
 * is taken twice is stored under one key.
 */
export class Collection {
  readonly #options: CollectionOptions
  readonly #lives: FileLives
  readonly #backlog = new Backlog()
  readonly #underway = new Set<Underway>()
  readonly #stop = new AbortController()

  constructor(options: CollectionOptions) {
    this.#options = options
    this.#lives = new FileLives(options)
  }

  /** Returns whether the file is stored already. `directory` is the one that it is in. */
  async see(file: CoreFile, directory: Directory, root: string): Promise<boolean> {
    const { state } = this.#lives.of(file)
    // It was stored, and we were killed before it was removed, or it could not be.
    if (state === 'stored') await this.#removeStored(file, root)
    if (state === 'unseen') await this.#look(file, directory)
    if (this.#lives.isDue(file)) await this.#queue(file, root)
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
    const { fallback, log } = this.#options
    await using directory = await Directory.open(root)
    if (await removeCore(directory, file, fallback.deleteBy, log)) await this.#lives.happened(file, 'removed')
  }

  /** Begins what may begin by now. */
  goOn(root: string): void {
    while (!this.#stop.signal.aborted) {
      const file = this.#next()
      if (file === undefined) return
      this.#begin(file, root)
    }
  }

  /** Ends what is under way, and waits for it. */
  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#underway].map(({ work }) => work))
    await this.#lives.end()
  }

  /** What cannot be read of one file does not keep us from the others. */
  async #look(file: CoreFile, directory: Directory): Promise<void> {
    try {
      await using opened = await directory.openFile(file.segments.at(-1) ?? '')
      if (opened !== null) await this.#saw(file, await completenessOf(opened))
    } catch (cause) {
      this.#tellOfNews(file)
      await this.#failed(file, { outcome: 'failed', reason: messageOf(cause) })
    }
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

  async #queue(file: CoreFile, root: string): Promise<void> {
    await this.#lives.happened(file, 'due')
    this.#backlog.add(file)
    this.goOn(root)
  }

  #next(): CoreFile | undefined {
    const { concurrency } = this.#options.fallback
    if (this.#underway.size < concurrency) return this.#backlog.next()
    // A file may have holes of exabytes: a namespace that has such ones keeps no other waiting for their end.
    const underway = [...this.#underway]
    const longMs = this.#options.now() - PATIENCE_MS
    const long = underway.filter(({ sinceMs }) => sinceMs <= longMs).length
    if (underway.length >= concurrency + Math.min(long, concurrency)) return undefined
    const namespaces = new Set(underway.map(({ namespace }) => namespace))
    return this.#backlog.next(({ owner }) => !namespaces.has(owner.namespace))
  }

  #begin(file: CoreFile, root: string): void {
    const work = this.#take(file, root).finally(() => {
      this.#underway.delete(underway)
      this.goOn(root)
    })
    const underway = { namespace: file.owner.namespace, sinceMs: this.#options.now(), work }
    this.#underway.add(underway)
  }

  /** Never rejects. */
  async #take(file: CoreFile, root: string): Promise<void> {
    try {
      await using directory = await Directory.open(root)
      await using inside = await directory.descend(file.segments.slice(0, -1))
      await using opened = (await inside?.openFile(file.segments.at(-1) ?? '')) ?? null
      if (opened === null || !(await isStill(file, opened))) await this.#lives.happened(file, 'changed')
      else await this.#takeOpened(file, opened, root)
    } catch (cause) {
      await this.#failed(file, { outcome: 'failed', reason: messageOf(cause) })
    }
  }

  async #takeOpened(file: CoreFile, opened: FileHandle, root: string): Promise<void> {
    const { take, log } = this.#options
    const path = shownPath(file.segments)
    log.info({ path }, `capture a file:${path}`)
    await this.#lives.happened(file, 'begun')
    const verdict = await take({ id: idOf(file), file, opened }, this.#stop.signal)
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
    if (state === 'stored') await this.#removeStored(file, root)
  }

  async #removeStored(file: CoreFile, root: string): Promise<void> {
    if (this.#options.fallback.deleteLocalCorefile) await this.remove(file, root)
  }

  async #failed(file: CoreFile, { reason, hint }: Verdict): Promise<void> {
    if (this.#stop.signal.aborted) {
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
