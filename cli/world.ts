import type { Readable, Writable } from 'node:stream'
import type { Cluster } from './cluster.ts'
import type { GlobalOptions } from './options.ts'
import type { CrashSource } from './source/source.ts'

/** A stream of the process, which may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** All that a command meets outside of the program. */
export interface World {
  /** Data, and nothing else. */
  readonly stdout: Output
  /** Progress, questions, warnings. */
  readonly stderr: Output
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** Aborts at Ctrl-C. A command then tidies up and lets its error through. */
  readonly signal: AbortSignal
  /** Where crashes are: the store itself where options name one, else coredog-api of the cluster. */
  readonly openSource: (options: GlobalOptions) => Promise<CrashSource>
  readonly openCluster: (options: GlobalOptions) => Promise<Cluster>
}
