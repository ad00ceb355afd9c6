import type { Readable } from 'node:stream'
import type { BucketRules } from './bucket-rules.ts'
import type { Bytes } from './parts/bytes.ts'
import type { Failover, PutOutcome } from './parts/failover.ts'
import type { PartedObject } from './parts/parted-object.ts'
import type { ReadOptions } from './read-options.ts'
import type { Rereadable } from './rereadable.ts'
import type { StoreTraits } from './store-traits.ts'

export interface ObjectInfo {
  readonly key: string
  readonly sizeBytes: number
  /** When it was stored, by the clock of the store. */
  readonly storedAt: Date
}

/** What a handler began to store, and has not finished. */
export interface Unfinished {
  /** Of a file it is the name that it has as long as it is unfinished. */
  readonly key: string
  readonly uploadId: string
  /** When it was begun, or written to for the last time: what the store knows. */
  readonly touchedAt: Date
  /** Removes it. What is gone meanwhile counts as removed. */
  abort(): Promise<void>
}

/**
 * A place where crashes are kept: {@link S3Store} in clusters, {@link FileStore} on a mounted
 * directory. All pass test/storage/conformance.ts; a third must too.
 *
 * Keys are relative to the configured `StoreDir`, in arguments and in what `list` yields:
 * `<namespace>/<pod>/…`, never with `StoreDir` before them. Only `location` and `link` show all of it.
 * Whatever fails rejects with a {@link StoreError}.
 */
export interface ObjectStore {
  readonly traits: StoreTraits

  /** It will be needed soon: what takes long to load is loaded now, while others are waited for. */
  prepare?(): void

  /**
   * Stores `body` under `key`. Resolves once it is durable.
   *
   * All or nothing: if `body` throws, nothing appears under `key` and the promise rejects. A chunk of `body`
   * belongs to the store only until the next one is asked for: the caller that makes the chunks may use their
   * memory again.
   *
   * `boundBytes` is the most that `body` can hold. A store that cuts objects into parts sizes them by it,
   * once: some refuse parts that grow, all refuse the 10,001st.
   *
   * With a `failover` a store that fails hands over to it, and `body` is read to its end all the same.
   */
  put(key: string, body: Bytes, boundBytes: number, failover?: Failover): Promise<PutOutcome>

  /**
   * Stores an object whose key tells what is in it, and leaves the one that is there: `present`, unless it has
   * another size. With `anew` the one that is there is as old as a new one then, by which retention goes. All or
   * nothing, as `put`.
   */
  putOnce(key: string, content: Rereadable, anew?: 'anew'): Promise<'stored' | 'present'>

  /**
   * Stores a few bytes where there is no object of that name. Of all who ask at once one has `won`, unless the store
   * ignores the condition, which `conditionalWrites()` finds out. A try whose answer got lost is known again by its
   * bytes: they are to be no other caller's. When `signal` aborts it rejects, and may have been stored all the same.
   */
  putIfNew(key: string, body: Uint8Array, signal: AbortSignal): Promise<'won' | 'refused'>

  /** `hidden`: it may be there, and these credentials may write and not look. */
  look(key: string): Promise<ObjectInfo | 'absent' | 'hidden'>

  /** To go on with an upload that a failover took over; `partBytes` as they were then. */
  object(key: string, partBytes: number): PartedObject

  /**
   * All of it, or a range. Rejects with {@link NotFoundError} if there is no such object, and with
   * {@link NoSuchBytesError} if the range begins behind its last byte.
   */
  get(key: string, options?: ReadOptions): Promise<Readable>

  /**
   * The objects whose key starts with `prefix`, in key order. With `after`, a key or anything else, those that come
   * behind it. What is not asked for by the iteration is read a page ahead at the most. When `signal` aborts, it
   * rejects, and a request is ended that nobody waits for.
   */
  list(prefix: string, after?: string, signal?: AbortSignal): AsyncIterable<ObjectInfo>

  /** What is not finished below `StoreDir`, begun by any node: some of it is still being written. */
  unfinished(): AsyncIterable<Unfinished>

  /** Removes the object; one that is not there counts as removed. */
  remove(key: string): Promise<void>

  /**
   * Removes all of them, a thousand at once where the store can. When it rejects some may be gone, in whichever order.
   */
  removeAll(keys: readonly string[]): Promise<void>

  /** What the store itself takes away, and keeps. Rejects only where it is away. */
  bucketRules(signal: AbortSignal): Promise<BucketRules>

  /** Where the object is, without a secret and without an end: `s3://bucket/key`. */
  location(key: string): string

  /**
   * A link that opens the object for a while without credentials, or `null` where there is no such thing.
   * `savedAs`: what a browser is to call the file, of letters, digits and dots; absent: as the key ends.
   */
  link(key: string, savedAs?: string): Promise<string | null>
}

/** All that the handler does to a store for a crash: it writes, and never reads, lists or removes. */
export type Sink = Pick<ObjectStore, 'prepare' | 'put' | 'location' | 'link'>

/** Where programs are kept, each once. */
export type BinaryStore = Pick<ObjectStore, 'putOnce' | 'look' | 'list' | 'location'>
