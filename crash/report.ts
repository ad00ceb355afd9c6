import type { CoreLocation } from './core-location.ts'

/** The version of the report's shape. Fields are only ever added to it. */
export const REPORT_SCHEMA = 'coredog.io/report/v1'

/**
 * Everything known of one crash, as it is stored in `report.json` beside the core. Every field may be absent:
 * one is written only when it was seen. Times are RFC 3339 in UTC, sizes are bytes, durations seconds.
 * `report.schema.json` says the same to programs.
 */
export interface CrashReport {
  readonly schema: typeof REPORT_SCHEMA
  readonly id: string
  readonly time?: string
  readonly node?: ReportNode
  readonly pod?: ReportPod
  readonly container?: ReportContainer
  /** Why it could not be said for sure, or not in full, whose crash it was. */
  readonly unidentified?: string
  readonly process?: ReportProcess
  readonly signal?: ReportSignal
  readonly crash?: ReportCrash
  readonly core?: ReportCore
  readonly timing?: ReportTiming
  /**
   * How many crashes of the same signature, or of the same workload, were counted, but not kept, before this
   * one.
   */
  readonly suppressed?: number
  readonly handler?: { readonly version: string }
}

export interface ReportNode {
  readonly name?: string
  readonly ip?: string
  /** Release of the kernel, as `uname -r` prints it. */
  readonly kernel?: string
  /** `cluster` of the configuration, or the first eight digits of the UID of the namespace kube-system. */
  readonly cluster?: string
}

export interface ReportPod {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly workload?: { readonly kind: string; readonly name: string }
}

export interface ReportContainer {
  readonly name?: string
  /** The container's id at its runtime: 64 hexadecimal digits. */
  readonly id?: string
  /** The image as a person wrote it. */
  readonly image?: string
  /** The image as the runtime knows it: a digest. */
  readonly imageId?: string
  /** How often the kubelet had restarted the container before it crashed. */
  readonly restartCount?: number
}

export interface ReportProcess {
  /** In the node's own pid namespace. */
  readonly pid?: number
  /** In the container's pid namespace: what the application's own log shows. */
  readonly namespacedPid?: number
  /** The crashing thread, in the node's pid namespace. */
  readonly threadId?: number
  /**
   * The crashing thread, in the container's pid namespace: gdb calls it LWP. The first one has the number of
   * the process.
   */
  readonly namespacedThreadId?: number
  /** Name of the crashing thread: at most 15 bytes, chosen by the process itself. */
  readonly comm?: string
  readonly executable?: string
  /** The command line, with values that look like secrets replaced. */
  readonly arguments?: readonly string[]
  readonly uid?: number
  readonly gid?: number
  readonly threads?: number
}

export interface ReportSignal {
  readonly number?: number
  readonly name?: string
  /** Why the signal was raised: `SEGV_MAPERR` and the like, from siginfo's si_code. */
  readonly code?: string
  /** The address that could not be accessed, in hexadecimal: `0x0`. */
  readonly faultAddress?: string
  /**
   * What the program called, where the signal is not the one that it meant: `abort()`. The kernel ignores
   * SIGABRT for the first process of a container, and libc then ends it by an instruction that is not
   * allowed.
   */
  readonly call?: string
}

/** Where in the program it crashed, so that two crashes can be told to be the same one. */
export interface ReportCrash {
  readonly signature?: string
  /** Path of the mapped file that holds the crashing instruction. */
  readonly module?: string
  /** Offset of the crashing instruction in that file, in hexadecimal: not what addr2line wants. */
  readonly offset?: string
  /**
   * The crashing instruction as the module's own symbols have it, in hexadecimal: for addr2line, objdump and
   * gdb.
   */
  readonly address?: string
  readonly buildId?: string
}

export interface ReportCore {
  /** Key of the stored core in its store. Absent when no core was kept. */
  readonly key?: string
  /** Where it is, without a secret and without an end: `s3://bucket/key`. */
  readonly url?: string
  readonly compression?: 'gzip' | 'zstd' | 'none'
  /** Size as the kernel wrote it. */
  readonly sizeBytes?: number
  readonly storedBytes?: number
  /** Whether it was seen in the store, of that size; `false`: the node may write there and not look. */
  readonly checked?: boolean
  /** Of the stored object, in hexadecimal. */
  readonly sha256?: string
  /**
   * Of the stored object, too: for CoreSight and the script of CustomHandler, and only where they are
   * enabled.
   */
  readonly md5?: string
  readonly complete?: boolean
  /** Why the core is not whole, in words for a person. */
  readonly incompleteReason?: string
  /**
   * Of a core that was not kept because enough like it were: the last of those. It may be on its way to the
   * store.
   */
  readonly kept?: CoreLocation
}

export interface ReportTiming {
  /** From the start of the handler to the first byte read. */
  readonly startSeconds?: number
  /** How long the crashed process was held by us: until the kernel's pipe was closed. */
  readonly heldSeconds?: number
  /** From the first byte read until the store had everything. */
  readonly uploadSeconds?: number
}

/** The bytes of `report.json`: indented, because people read it too. */
export function encodeReport(report: CrashReport): Uint8Array {
  return Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
}
