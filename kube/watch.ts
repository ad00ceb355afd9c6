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
  kube: Pick<KubeClient, 'list' | 'watchFrom'>,
  path: string,
  { onFault, onBookmark, pause, random = Math.random, startWithinSeconds = 0, ...selection }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  let version: string | null = null
  let faults = 0
  if (startWithinSeconds > 0) await pause(startWithinSeconds * random(), signal)
  while (!signal.aborted) {
    const spread = 0.5 + random()
    const pauseSeconds = () => backoff(PAUSE_SECONDS, faults + 1) * spread
    try {
      if (version === null) {
        const listed = await kube.list<T>(path, selection, signal)
        version = listed.resourceVersion
        yield { type: 'LISTED', objects: listed.items }
      }
      for await (const line of kube.watchFrom<T>(path, selection, version, signal)) {
        const event = eventIn(path, line)
        version = line.object.metadata?.resourceVersion ?? version
        faults = 0
        if (event !== null) yield event
        else onBookmark?.()
      }
    } catch (fault) {
      if (signal.aborted) return
      faults += 1
      if (isExpired(fault)) version = null
      else onFault(fault, pauseSeconds())
    }
    await pause(pauseSeconds(), signal)
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
