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
  readonly threads?: readonly ReportThread[]
  readonly core?: ReportCore
  readonly log?: ReportLog
  /** The files of code that it ran, the executable first: for a debugger. */
  readonly binaries?: readonly ReportBinary[]
  /** What named frames of programs without symbols: files that were made of their builds for that. */
  readonly symbols?: readonly ReportSymbols[]
  readonly timing?: ReportTiming
  /**
   * How many crashes of the same site, or of the same workload, were counted, but not kept, before this
   * one.
   */
  readonly suppressed?: number
  readonly seen?: ReportSeen
  /** Folder, below that of the store, in which all nodes of the cluster count crashes like it; absent: each by itself. */
  readonly countedIn?: string
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

/** Kubernetes does not limit how many labels a pod has: a report has the first ones. */
export const MOST_LABELS = 100

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
  /** Of a fault in the program's own code: its instruction. What crashes are counted by is `site`. */
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
  /** Why it crashed, in one sentence. */
  readonly reason?: string
  /** The same for programs: one of the list in the schema, to which more may be added. */
  readonly reasonCode?: string
  /** Why nothing is said of why it crashed, in words for a person. */
  readonly unexplained?: string
  /**
   * What libc said before it aborted: a failed assertion, memory that was freed twice. Or Rust's library:
   * `panicked at src/main.rs:12:5: no such cart`; or the JVM.
   */
  readonly abortMessage?: string
  /** What its runtime, or libc, wrote last into the log of its container. */
  readonly lastWords?: readonly string[]
  /** Build id and offsets of what was on the stack, without symbols: one bug may have several. */
  readonly site?: string
  /** `v2:…`: what crashes of the same bug in the same build have in common. */
  readonly fingerprint?: string
  /** The same over builds. */
  readonly group?: string
  /** The stack of the crashing thread, the innermost first. */
  readonly frames?: readonly ReportFrame[]
  /** What the program's interpreter was running in that thread, the innermost first. */
  readonly interpreterFrames?: readonly ReportInterpreterFrame[]
  /** What the program's language runs by: `Python` `3.11`. */
  readonly runtime?: { readonly name: string; readonly version?: string }
  /** Path in the container of what the runtime itself wrote of the crash: the JVM's `hs_err_pid1.log`. */
  readonly runtimeReport?: string
  /** Who sent the signal, where that was another process. */
  readonly sender?: ReportSender
  /** The error that a handler of the program had caught before it ended the process. */
  readonly firstCause?: ReportFirstCause
}

export interface ReportSender {
  /** In the node's own pid namespace. */
  readonly pid?: number
  /** As the crashed process knew it, in its own pid namespace. */
  readonly namespacedPid?: number
  readonly comm?: string
  readonly uid?: number
}

export interface ReportFirstCause {
  readonly signal?: ReportSignal
  /** What it interrupted, the innermost first: the end of the frames of the crash. */
  readonly frames?: readonly ReportFrame[]
}

export interface ReportFrame {
  readonly function?: string
  /** Path of the mapped file, or `[vdso]`. */
  readonly module?: string
  /** Where it was, or would return to, as the module's symbols have it, in hexadecimal: for addr2line. */
  readonly address?: string
  /** How far behind the beginning of the function, in hexadecimal. */
  readonly offset?: string
  readonly buildId?: string
  readonly file?: string
  readonly line?: number
  /**
   * How it was found: `context` by the registers, `cfi` by the unwind tables, `fp` by the frame pointer,
   * `scan` by what looks like a return address on the stack.
   */
  readonly trust?: 'context' | 'cfi' | 'fp' | 'scan'
  /** It was inlined into the one behind it. */
  readonly inlined?: boolean
  /** Whether it is the program's own: no libc, and no way by which a runtime gives up. */
  readonly own?: boolean
}

export interface ReportInterpreterFrame {
  /** With the class or function that it is in: `Basket.total`. */
  readonly function?: string
  readonly file?: string
  readonly line?: number
  /** Whether it is the program's own, or of a package: not of the language's own library. */
  readonly own?: boolean
}

/** Another thread than the crashing one. */
export interface ReportThread {
  /** In the process's own pid namespace. */
  readonly tid?: number
  /** At most 15 bytes, chosen by the process. */
  readonly name?: string
  readonly frames?: readonly ReportFrame[]
}

export interface ReportCore {
  /** Key of the stored core in its store. Absent when no core was kept. */
  readonly key?: string
  /** Where it is, without a secret and without an end: `s3://bucket/key`. */
  readonly url?: string
  readonly compression?: 'gzip' | 'zstd' | 'none'
  /**
   * `stacks`: it has the memory that a backtrace of each thread needs; `private`: all but shared memory. Absent: all
   * that the kernel writes.
   */
  readonly dump?: 'private' | 'stacks'
  /** So much memory was left out for that. */
  readonly leftOutBytes?: number
  /** Why all was kept although less was wanted, in words for a person. */
  readonly keptAll?: string
  /** Of the namespace's, where little of it was left, or nothing: then stacks were kept for that. */
  readonly quota?: { readonly usedBytes: number; readonly limitBytes: number }
  /** Its size before compression: as the kernel wrote it, or what `dump` says of that. */
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
  /** In so many places known secrets were blanked before it was stored; absent: nobody looked for them. */
  readonly scrubbed?: number
  /** Why known secrets may be in it all the same, in words for a person. */
  readonly unscrubbed?: string
  readonly complete?: boolean
  /** Why the core is not whole, in words for a person. */
  readonly incompleteReason?: string
  /**
   * Of a core that was not kept because enough like it were: the last of those. It may be on its way to the
   * store.
   */
  readonly kept?: CoreLocation
}

/** A file of code as the process had it mapped: the store has it as it is, once for all crashes that name it. */
export interface ReportBinary {
  /** As the process had it: another file may be there by now. */
  readonly path?: string
  /** What the file says of itself, in hexadecimal. */
  readonly buildId?: string
  readonly sha256?: string
  readonly sizeBytes?: number
  /** Key of the stored file in its store; with `notKept` it may come later, or never. */
  readonly key?: string
  /** Where it is, without a secret and without an end: `s3://bucket/key`. */
  readonly url?: string
  /** Why it was not stored when the report was written, in words for a person. */
  readonly notKept?: string
}

export interface ReportSymbols {
  /** Whose build they are, in hexadecimal. */
  readonly buildId?: string
  /** Key in the store of the cores; absent: they came from a debuginfod server. */
  readonly key?: string
  /** Where they are, without a secret and without an end. */
  readonly url?: string
}

/** `log.txt`: the last lines of the log of its container, as they were when it crashed. */
export interface ReportLog {
  readonly key?: string
  /** Where it is, without a secret and without an end: `s3://bucket/key`. */
  readonly url?: string
  readonly lines?: number
  readonly sizeBytes?: number
}

export interface ReportTiming {
  /** From the start of the handler to the first byte read. */
  readonly startSeconds?: number
  /** How long the crashed process was held by us: until the kernel's pipe was closed. */
  readonly heldSeconds?: number
  /** From the first byte read until the store had everything. */
  readonly uploadSeconds?: number
  /** How long it took to find out why it crashed, beside all else; the process was not held by it. */
  readonly whySeconds?: number
  /** How long names were looked for in `symbols` of the configuration; the message waited for it. */
  readonly symbolsSeconds?: number
}

/** What the node of the crash knows of its group, this one included; another node may know more. */
export interface ReportSeen {
  readonly first?: string
  readonly last?: string
  readonly count?: number
  /** How many nodes have them; absent: they were counted on this one alone. */
  readonly nodes?: number
  /** The image of the first one, as a person wrote it. */
  readonly firstImage?: string
}

/** Without what makes it long: for a log, and for people, who are told the stack that crashed alone. */
export function withoutThreads({ threads: _, ...report }: CrashReport): CrashReport {
  return report
}

export function withoutStacks(report: CrashReport): CrashReport {
  const { crash, ...rest } = withoutThreads(report)
  if (crash === undefined) return rest
  const { frames: _, firstCause: _first, interpreterFrames: _calls, lastWords: _words, ...site } = crash
  return { ...rest, crash: site }
}

/** The bytes of `report.json`: indented, because people read it too. */
export function encodeReport(report: CrashReport): Uint8Array {
  return Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
}
