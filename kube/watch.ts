import { backoff } from '../time/backoff.ts'
import type { Pause } from '../time/pause.ts'
import type { KubeClient, Selection, WatchLine } from './client.ts'
import { KubeError, refused } from './errors.ts'
import type { KubeObject } from './objects.ts'

/** `LISTED`: all there are, and what is not among them is gone. Then, what changes. */
export type WatchEvent<T> =
  | { readonly type: 'LISTED'; readonly objects: readonly T[] }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }

export interface WatchOptions extends Selection {
  /** Told of each fault; the watch goes on by itself. */
  readonly onFault: (fault: unknown, pauseSeconds: number) => void
  /** Called about once a minute for as long as the API server says that it has told everything. */
  readonly onBookmark?: () => void
  readonly pause: Pause
  /** From 0 to 1. */
  readonly random?: () => number
  /** Before the first list, by chance up to so long: on many nodes we are started at once. */
  readonly startWithinSeconds?: number
}

const PAUSE_SECONDS = { first: 1, longest: 30 }

/**
 * A collection and its changes, until `signal` is aborted. Survives whatever happens to the API server: what
 * broke off goes on where it was, and after 410 Gone all is listed anew. Pauses for a second before each new
 * start and longer after each fault in a row, more or less, so that no server is hammered by its clients, or
 * by those of all nodes at once.
 */
export async function* watch<T extends KubeObject>(
  kube: Collection['kube'],
  path: string,
  { onFault, onBookmark, pause, random = Math.random, startWithinSeconds = 0, ...selection }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const history = new History<T>({ kube, path, selection, signal }, onBookmark)
  if (startWithinSeconds > 0) await pause(startWithinSeconds * random(), signal)
  while (!signal.aborted) {
    const fault = yield* history.goOn()
    if (signal.aborted) return
    const pauseSeconds = backoff(PAUSE_SECONDS, history.faultsInARow + 1) * (0.5 + random())
    if (fault !== null) onFault(fault, pauseSeconds)
    await pause(pauseSeconds, signal)
  }
}

interface Collection {
  readonly kube: Pick<KubeClient, 'list' | 'watchFrom'>
  readonly path: string
  readonly selection: Selection
  readonly signal: AbortSignal
}

/** Of a collection, and where in it we are: what went wrong there is forgotten once it tells a change. */
class History<T extends KubeObject> {
  readonly #collection: Collection
  readonly #onBookmark: (() => void) | undefined
  /** The resource version that we are at; `null`: all is to be listed. */
  #version: string | null = null
  #faultsInARow = 0

  constructor(collection: Collection, onBookmark: (() => void) | undefined) {
    this.#collection = collection
    this.#onBookmark = onBookmark
  }

  get faultsInARow(): number {
    return this.#faultsInARow
  }

  /** Until the API server ends it. Returns what broke it off; `null`: nothing that needs a word. */
  async *goOn(): AsyncGenerator<WatchEvent<T>, unknown> {
    try {
      this.#version ??= yield* this.#list()
      yield* this.#changesAfter(this.#version)
      return null
    } catch (fault) {
      this.#faultsInARow += 1
      if (!isExpired(fault)) return fault
      this.#version = null
      return null
    }
  }

  /** Returns the version of the list. */
  async *#list(): AsyncGenerator<WatchEvent<T>, string> {
    const { kube, path, selection, signal } = this.#collection
    const { items, resourceVersion } = await kube.list<T>(path, selection, signal)
    yield { type: 'LISTED', objects: items }
    return resourceVersion
  }

  async *#changesAfter(version: string): AsyncGenerator<WatchEvent<T>> {
    const { kube, path, selection, signal } = this.#collection
    for await (const line of kube.watchFrom<T>(path, selection, version, signal)) {
      const event = eventIn(path, line)
      this.#version = line.object.metadata?.resourceVersion ?? this.#version
      this.#faultsInARow = 0
      if (event !== null) yield event
      else this.#onBookmark?.()
    }
  }
}

function eventIn<T extends KubeObject>(path: string, { type, object }: WatchLine<T>): WatchEvent<T> | null {
  if (type === 'BOOKMARK') return null
  if (type !== 'ERROR') return { type, object }
  const { code } = object as { code?: unknown }
  throw refused('watch', path, typeof code === 'number' ? code : 500, JSON.stringify(object))
}

/** The API server no longer remembers so far back. */
function isExpired(fault: unknown): boolean {
  return fault instanceof KubeError && fault.status === 410
}
