import {
  crashIndexPrefix,
  crashTimePrefix,
  hourPrefix,
  type IndexEntry,
  namespaceIndexPrefix,
  noNewerThan,
  parseIndexKey,
} from '../crash/index-entry.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { addNames } from './add-names.ts'
import { eachOnce, type Indexed, indexedIn } from './indexed.ts'
import { hourOf, newestFirst, ofTheFuture, oneHour } from './newest-first.ts'

/** Where a listing begins, and until when it is wanted. */
interface Page {
  /** The key of the last one of the page before. */
  readonly after?: string | undefined
  readonly signal?: AbortSignal | undefined
}

interface Span extends Page {
  /** No older ones. */
  readonly since?: Date | undefined
  /** No newer ones; with `after` it has no effect. */
  readonly until?: Date | undefined
}

/** What says which crash it is. */
type Which = Pick<IndexEntry, 'cluster' | 'namespace' | 'time' | 'id'>

/**
 * The names of the stored crashes: empty objects in the store itself, so that there is nothing else to be kept in
 * step. Which of them a caller may see is the caller's to know.
 */
export class CrashIndex {
  readonly #store: Pick<ObjectStore, 'put' | 'list' | 'remove'>
  readonly #now: () => number

  constructor(store: Pick<ObjectStore, 'put' | 'list' | 'remove'>, now: () => number = Date.now) {
    this.#store = store
    this.#now = now
  }

  /** Both names of a crash. Rejects at the first that the store does not take; twice does no harm. */
  async add(entry: IndexEntry): Promise<void> {
    await addNames(this.#store, entry)
  }

  /** Of one namespace, the newest first. */
  ofNamespace(
    owner: Pick<IndexEntry, 'cluster' | 'namespace'>,
    { after, signal }: Page = {},
  ): AsyncGenerator<Indexed, void, void> {
    return eachOnce(this.#names(namespaceIndexPrefix(owner), after), signal)
  }

  /** Of all clusters and namespaces, the newest first. */
  async *ofAll({ since, until, after, signal }: Span = {}): AsyncGenerator<Indexed, void, void> {
    for await (const indexed of eachOnce(this.#inHours({ since, until, after }), signal)) {
      if (since !== undefined && indexed.entry.time < since) return
      yield indexed
    }
  }

  async *#inHours({ since, until, after }: Omit<Span, 'signal'>): AsyncGenerator<Indexed, void, void> {
    const bound = since && { since: since.getTime() }
    const last = after === undefined ? until : timeOf(after)
    if (last === undefined) {
      yield* ofTheFuture(this.#store, this.#now())
      yield* newestFirst(this.#store, { before: hourOf(this.#now() + HOUR_MS), ...bound })
      return
    }
    const behind = after ?? `${hourPrefix(last)}${noNewerThan(last)}`
    yield* oneHour(this.#store, last.getTime(), behind)
    yield* newestFirst(this.#store, { before: hourOf(last.getTime()), ...bound })
  }

  /** `null`: there is none of that second and id. */
  async find(crash: Which): Promise<IndexEntry | null> {
    for await (const { entry } of this.#names(crashIndexPrefix(crash))) return entry
    return null
  }

  /** As whose the crash is known by time: more than one where a handler knew less of it. */
  async clustersOf({ time, id, namespace }: Which): Promise<readonly string[]> {
    const clusters = new Set<string>()
    for await (const { entry } of this.#names(crashTimePrefix({ time, id })))
      if (entry.namespace === namespace) clusters.add(entry.cluster)
    return [...clusters]
  }

  /**
   * Removes all names of a crash. That of its namespace goes last: it is the one that a removal that was killed
   * begins again with.
   */
  async forget({ cluster, namespace, time, id }: Which): Promise<void> {
    const isIt = ({ entry }: Indexed) => entry.cluster === cluster && entry.namespace === namespace
    for (const prefix of [crashTimePrefix({ time, id }), crashIndexPrefix({ cluster, namespace, time, id })])
      for await (const indexed of this.#names(prefix))
        if (isIt(indexed)) await this.#store.remove(indexed.key)
  }

  async *#names(prefix: string, after?: string): AsyncGenerator<Indexed, void, void> {
    for await (const object of this.#store.list(prefix, after)) {
      const indexed = indexedIn(object)
      if (indexed !== null) yield indexed
    }
  }
}

const HOUR_MS = 3_600_000

function timeOf(key: string): Date {
  const time = parseIndexKey(key)?.time
  if (time === undefined) throw new RangeError('a listing of all crashes goes on behind a key of the index')
  return time
}
