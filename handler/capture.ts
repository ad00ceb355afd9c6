import type { Identity } from '../crash/identity.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import type { Use } from '../crash/quota.ts'
import type { ReportCrash } from '../crash/report.ts'
import type { ContainerLog } from './container-log/container-log.ts'
import type { CorePipe } from './core/core-pipe.ts'
import type { CoreStream } from './core/core-stream.ts'
import type { Observed } from './identity/observe.ts'
import type { ThisNode } from './identity/this-node.ts'
import type { Why } from './why/why.ts'

/** What the kernel says of a crash; of a core that lies in a file only what it wrote into the core. */
export type KnownArgs = Omit<KernelArgs, 'pid' | 'crashedAt'> & Partial<Pick<KernelArgs, 'pid'>>

/** A core that lies in a file, where the original CoreDog would have found it. */
interface CoreFile {
  /** `/corefile/<namespace>/<pod>/…/<name>` */
  readonly corefilePath: string
  /** With its holes. */
  readonly fileBytes: number
}

/** A crash in the making, with the stream of its core: what each step of its journey hands to the next. */
export interface Capture {
  readonly id: string
  readonly time: Date
  readonly node: ThisNode
  readonly args: KnownArgs
  readonly observed: Observed
  /** `null`: it could not be said for sure whose process it was, so the report says nothing of it. */
  readonly identity: Identity | null
  /** As the bytes of the core come, and as long as its process is held by them. */
  readonly pipe: CorePipe
  readonly core: CoreStream
  /** Where in the program it crashed; empty: unknown. */
  readonly site: ReportCrash
  /** As in the report's `signal.call`; `null`: unknown, or the signal says it all. */
  readonly call: string | null
  readonly why: Why
  /** Of its container; absent: there is none, or it is not wanted. */
  readonly log?: ContainerLog
  /** What `core` has of the memory that the kernel writes; absent: all of it. */
  readonly dump?: { readonly dump: 'private' | 'stacks'; readonly leftOutBytes: number }
  /** Why all of it is kept although less was wanted, in words for a person. */
  readonly keptAll?: string
  /** Of the namespace's, where there is little room left or none; absent: there is, or that is not known. */
  readonly quota?: Use
  /** Absent: the core came through the kernel's pipe. */
  readonly file?: CoreFile
}

/** As the process itself saw it, if that is all that is known; 0: nothing is. */
export function pidOf({ args, observed, core }: Pick<Capture, 'args' | 'observed' | 'core'>): number {
  return args.pid ?? observed.namespacedPid ?? core.head?.pid ?? 0
}
