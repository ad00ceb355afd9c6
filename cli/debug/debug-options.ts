import type { GlobalOptions } from '../options.ts'
import type { DebuggerName } from './debugger.ts'

export interface DebugOptions extends GlobalOptions {
  readonly debugger?: DebuggerName
  /** A file of this machine, in place of what is stored, or not. */
  readonly program?: string
  /** Where its source is on this machine. */
  readonly source?: string
  readonly cacheSize: number
  /** In a pod beside where it crashed. */
  readonly inCluster?: boolean
  /** Of that pod; absent: the image that crashed. */
  readonly debuggerImage?: string
  /** The most memory that pod may have, as Kubernetes writes it. */
  readonly memory: string
}
