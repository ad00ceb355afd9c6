import type { Readable } from 'node:stream'
import type { Coredump } from '../../coredump/coredump.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { GroupCount } from '../../groups/group-count.ts'

export type { GroupCount } from '../../groups/group-count.ts'
export { fewImages } from '../../groups/node-count.ts'

/** Which crashes. */
export interface Selection {
  /** `null`: in all namespaces. */
  readonly namespace: string | null
  readonly since?: Date
  /** As kubectl's `-l`. */
  readonly labels?: string
  /** As kubectl's `--field-selector`. */
  readonly fields?: string
}

/** Bytes of a stored object. */
export interface StoredBytes {
  readonly body: Readable
  /** Where `body` begins: 0 where the source did not go along with the one that was asked for. */
  readonly firstByte: number
  /** Of the whole object; `null`: nobody said. */
  readonly totalBytes: number | null
  /** Two of one tag are the same object; `null`: nobody said. */
  readonly tag: string | null
  /** For people: `the store`, `coredog-api`. */
  readonly from: string
}

/** A program that a crash names and that is really there. */
export interface StoredBinary {
  /** As the process had it: a stranger's word. */
  readonly path: string
  readonly buildId: string | null
  readonly sha256: string
  readonly sizeBytes: number
}

/**
 * Where crashes are: coredog-api of a cluster, or the store itself. What it says of a crash is a stranger's word: it
 * is shown through `plain`, and no path is made of it.
 *
 * Rejects with a CliError or a StoreError, of which `exitCodeOf` makes the exit code.
 */
export interface CrashSource {
  /** For people: what is asked. */
  readonly name: string
  /** Where no namespace is named. `null`: in all. */
  readonly namespace: string | null

  /** The newest first. */
  list(selection: Selection, signal?: AbortSignal): AsyncIterable<Coredump>
  /** What comes from now on, until `signal` aborts. */
  watch(selection: Selection, signal: AbortSignal): AsyncIterable<Coredump>
  /** A crash by its full name. `null`: there is none. */
  named(name: string, namespace: string, signal?: AbortSignal): Promise<Coredump | null>

  /** Absent: all are of one. */
  readonly clusterOf?: (crash: Coredump) => string
  report(crash: Coredump, signal?: AbortSignal): Promise<CrashReport>
  /**
   * How often crashes like it came to the whole cluster. `null`: each node counts them by itself, or this cannot be
   * asked: of an older coredog-api, or by who may not.
   */
  group(crash: Coredump, signal?: AbortSignal): Promise<GroupCount | null>
  /** The stored object, as it is compressed. */
  core(crash: Coredump, asked?: { firstByte?: number; signal?: AbortSignal }): Promise<StoredBytes>
  /** `null`: no log was kept. */
  log(crash: Coredump, signal?: AbortSignal): Promise<Readable | null>

  /** Its programs, the executable first. */
  binaries(crash: Coredump, signal?: AbortSignal): Promise<readonly StoredBinary[]>
  binary(crash: Coredump, sha256: string, signal?: AbortSignal): Promise<StoredBytes>
  /** A file that names the functions of a stripped program; `null`: there is none. */
  symbols(crash: Coredump, buildId: string, signal?: AbortSignal): Promise<StoredBytes | null>

  /** Opens the core for a while without credentials; `null`: there is no such thing. */
  link(crash: Coredump, signal?: AbortSignal): Promise<string | null>
  /** Absent: the source takes nothing away. */
  readonly remove?: (crash: Coredump, signal?: AbortSignal) => Promise<void>
  /**
   * Has chats told nothing of crashes like it until then, or, with `null`, told of them again. Resolves with `false`
   * where each node counts them by itself. Absent: the source changes nothing.
   */
  readonly mute?: (crash: Coredump, until: Date | null, signal?: AbortSignal) => Promise<boolean>
}
