import type { Config } from '../config/config.ts'
import { crashSite } from '../crash/crash-site.ts'
import { type ContainerIdentity, describeOwner, type Identity } from '../crash/identity.ts'
import { untold } from '../crash/incomplete-core.ts'
import { present } from '../crash/present.ts'
import {
  type CrashReport,
  REPORT_SCHEMA,
  type ReportCore,
  type ReportCrash,
  type ReportSignal,
  type ReportTiming,
} from '../crash/report.ts'
import { shownSignal } from '../crash/shown-signal.ts'
import { signalName } from '../crash/signal.ts'
import { VERSION } from '../crash/version.ts'
import { joined } from '../storage/key.ts'
import { shownArguments } from '../untrusted/command-line.ts'
import type { KnownSecrets } from '../untrusted/known-secrets.ts'
import type { Capture, KnownArgs } from './capture.ts'
import type { CoreStream } from './core/core-stream.ts'
import type { StoredCore } from './core/store-core.ts'
import type { Observed } from './identity/observe.ts'
import type { Why } from './why/why.ts'

/** A crash of whose core no more is needed than its head, if there is one. */
type Describable = Omit<Capture, 'pipe' | 'core' | 'why' | 'file'> & {
  readonly core: Pick<CoreStream, 'head'>
}

/** The report of a crash, as far as it is known before its core is stored, without the command line. */
export function describe({
  id,
  time,
  node,
  args,
  observed,
  identity,
  core,
  site,
  call,
}: Describable): CrashReport {
  const signal = describeSignal(args, core, call)
  return {
    schema: REPORT_SCHEMA,
    id,
    time: time.toISOString(),
    handler: { version: VERSION },
    node,
    ...describeOwner(identity),
    process: present({
      pid: args.pid,
      namespacedPid: observed.namespacedPid ?? core.head?.pid,
      threadId: args.threadId,
      namespacedThreadId: core.head?.threadId,
      comm: args.comm === '' ? undefined : args.comm,
      executable: observed.executable,
      uid: observed.uid,
      gid: observed.gid,
      threads: core.head?.threads || observed.threads,
    }),
    ...(signal === null ? {} : { signal }),
    ...(Object.keys(site).length === 0 ? {} : { crash: site }),
    ...describeDoubt(observed, identity),
  }
}

/**
 * The report with the process's command line, if that is wanted. To be called when the process is held no
 * more: to look it through for secrets takes time.
 */
export function withArguments(
  report: CrashReport,
  { observed: { commandLine } }: Pick<Capture, 'observed'>,
  { collect }: Pick<Config, 'collect'>,
  secrets?: KnownSecrets,
): CrashReport {
  if (commandLine === undefined || collect.arguments === 'none') return report
  return { ...report, process: { ...report.process, arguments: shownArguments(commandLine, secrets) } }
}

function describeDoubt(
  { unverified }: Observed,
  identity: Identity | null,
): Pick<CrashReport, 'unidentified'> {
  const reason = unverified ?? (identity?.kind === 'container' ? unknownTo(identity) : undefined)
  return reason === undefined ? {} : { unidentified: reason }
}

function unknownTo({ pod, unanswered, containerId }: ContainerIdentity): string | undefined {
  if (pod !== null || unanswered !== undefined) return unanswered
  return `the container runtime knows no container ${containerId?.slice(0, 12)}`
}

/**
 * Where in the program it crashed, once and for all that is made of it: report, notification, and what it is
 * counted as.
 */
export function siteOf(
  { args, observed, core }: Pick<Capture, 'args' | 'observed' | 'core'>,
  page: Buffer | null,
  { site }: Pick<Why, 'site'>,
): ReportCrash {
  if (core.head === null) return {}
  const program = observed.executable ?? args.comm
  const place = crashSite(core.head, program, args.signal ?? core.head.signal?.number ?? 0, page)
  return { ...place, ...(site !== null && { site }) }
}

function describeSignal(
  { signal: number }: KnownArgs,
  { head }: Pick<CoreStream, 'head'>,
  call: string | null,
): ReportSignal | null {
  const info = head?.signal
  const raised = number ?? info?.number
  if (raised === undefined) return null
  if (info === undefined || info.number !== raised) return { number: raised, name: signalName(raised) }
  return { ...shownSignal(info), ...(call !== null && { call }) }
}

/** What the core turned out to be, once the kernel has written it to its end and the store has it. */
export function describeCore(
  { key, ...stored }: StoredCore,
  capture: Capture,
  { storage, compression }: Pick<Config, 'storage' | 'compression'>,
): ReportCore {
  const reason = whyIncomplete(capture)
  return {
    key: joined(storage.storeDir, key),
    ...stored,
    compression,
    sizeBytes: capture.core.readBytes,
    ...describeDump(capture),
    complete: reason === null,
    ...(reason === null ? {} : { incompleteReason: reason }),
  }
}

/** How much of the memory is in its core, where it is not all that the kernel writes, or was not to be all. */
export function describeDump({
  dump,
  keptAll,
  quota,
}: Pick<Capture, 'dump' | 'keptAll' | 'quota'>): ReportCore {
  return { ...dump, ...(quota !== undefined && { quota }), ...(keptAll !== undefined && { keptAll }) }
}

function whyIncomplete(capture: Capture): string | null {
  const reasons = [whyCut(capture), whySparse(capture.core)].filter(reason => reason !== null)
  return reasons.length === 0 ? null : reasons.join('; ')
}

function whySparse({ leftOut }: CoreStream): string | null {
  if (leftOut === null) return null
  return `${leftOut.bytes} bytes of its memory were replaced by zeros, all but stacks and what else a backtrace needs: ${leftOut.reason}`
}

/** An end says nothing: a process that is killed while it dumps ends its core as if all were well. */
function whyCut({ pipe, core: { head, foreign, readBytes }, file }: Capture): string | null {
  if (head === null) return untold(foreign ?? '')
  if (readBytes >= head.endBytes) return null
  const amount = `${readBytes} of ${head.endBytes} bytes`
  if (pipe.cutReason !== null) return `only ${amount} were kept: ${pipe.cutReason}`
  if (file !== undefined) {
    return `the file ends after ${amount}: the process was killed while it dumped, or the disk was full`
  }
  return `the kernel stopped after ${amount}: the process was killed while it dumped (its container was removed, a probe failed, or memory ran out)`
}

/** Called when the core is stored. The clock of performance.now() starts with the process. */
export function describeTiming({ pipe: { openedAt, closedAt }, file }: Capture): ReportTiming {
  const storedAt = performance.now()
  return present({
    startSeconds: openedAt === null ? undefined : seconds(openedAt),
    heldSeconds: closedAt === null || file !== undefined ? undefined : seconds(closedAt),
    uploadSeconds: openedAt === null ? undefined : seconds(storedAt - openedAt),
  })
}

/** To the millisecond. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000
}
