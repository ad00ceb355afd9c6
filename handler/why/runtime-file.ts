import type { CoreHead } from '../../crash/core-head.ts'
import type { OpenFile } from '../identity/proc.ts'

/** A file that a language's runtime keeps, or leaves when it crashes, for others to read. */
export interface RuntimeFile extends OpenFile {
  readonly kind: 'perf-map' | 'jvm-error' | 'jvm-release'
  /** In its container. */
  readonly path: string
}

/** A process that the kernel holds, as its runtime's files are found. */
export interface HeldRuntime {
  /** The folder of its crashing thread in /proc. */
  readonly thread: string
  /** As the process knows itself. */
  readonly pid: number
  readonly crashedAt: Date | null
  readonly head: Pick<CoreHead, 'segments' | 'files' | 'vdso'>
}
