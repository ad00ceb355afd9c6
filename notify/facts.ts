import type { CrashReport, ReportCore, ReportCrash, ReportProcess } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Notification } from './notification.ts'

/** One labelled value. Both are one line of visible characters. */
export interface Fact {
  readonly label: string
  readonly value: string
}

/** `SIGSEGV in prod/web-0 (app)`: the one line that a phone shows, with what is invisible still in it. */
export function titleOf(report: CrashReport): string {
  return `${deathOf(report) ?? 'Crash'} in ${titlePlaceOf(report)}`
}

/** `prod/web-0 (app)`; of what is in no pod, the program and its node. */
export function titlePlaceOf(report: CrashReport): string {
  const pod = podOf(report)
  if (pod !== undefined) return joined(' ', pod, inBrackets(report.container?.name))
  const { comm, executable } = report.process ?? {}
  const name = plain(comm || executable || 'an unknown process', 80)
  return joined(' on ', name, report.node?.name ?? report.node?.ip)
}

/** What is known of the crash, the most telling first. What was not seen is left out. */
export function factsOf(report: CrashReport, outcome: Notification['outcome']): Fact[] {
  const seen: readonly (readonly [string, string | undefined])[] = [
    ['Pod', podOf(report)],
    ['Container', containerOf(report)],
    ['Image', report.container?.image ?? report.container?.imageId],
    ['Workload', report.pod?.workload && `${report.pod.workload.kind}/${report.pod.workload.name}`],
    ['Node', nodeOf(report)],
    ['Process', report.process && processOf(report.process)],
    ['Signal', causeOf(report)],
    ...(report.crash?.frames === undefined ? siteFacts(report) : []),
    ['Time', report.time],
    ['Core', CORES[outcome]],
    ['Size', report.core && sizeOf(report.core)],
    ['Stored at', hasCore(outcome) ? report.core?.url : undefined],
    ['Last one kept', outcome === 'suppressed' ? report.core?.kept?.url : undefined],
  ]
  return seen.flatMap(([label, value]) => (value ? [{ label, value: plain(value) }] : []))
}

/** What the frames say better. */
function siteFacts({ crash }: CrashReport): (readonly [string, string | undefined])[] {
  return [
    ['Crashed at', crash && siteOf(crash)],
    ['Build ID', crash?.buildId],
  ]
}

const CORES = { stored: 'complete', incomplete: 'incomplete', lost: 'lost', suppressed: 'not kept' } as const

/** Whether there is something to be opened. */
export function hasCore(outcome: Notification['outcome']): boolean {
  return outcome === 'stored' || outcome === 'incomplete'
}

/** `36 more crashes`: those that were counted, and whose cores were not kept. */
export function moreCrashes({ suppressed = 0 }: CrashReport): string {
  return suppressed === 1 ? '1 more crash' : `${suppressed} more crashes`
}

/** The signal's name, or its number where it has none. */
export function signalOf({ signal }: CrashReport): string | undefined {
  return signal?.name ?? (signal?.number === undefined ? undefined : `signal ${signal.number}`)
}

/** `SIGSEGV`; `SIGSEGV by abort()` where that is what the program called. */
export function deathOf(report: CrashReport): string | undefined {
  return joined(' by ', signalOf(report), report.signal?.call)
}

/** `1.2 GiB → 84 MiB`: as the kernel wrote it, and as it is kept. */
export function sizeOf({ sizeBytes, storedBytes, compression }: ReportCore): string | undefined {
  const stored = compression === 'none' && sizeBytes !== undefined ? undefined : storedBytes
  return joined(' → ', humanBytes(sizeBytes), humanBytes(stored))
}

function podOf({ pod }: CrashReport): string | undefined {
  return joined('/', pod?.namespace, pod?.name ?? (pod?.uid && `(pod with uid ${pod.uid})`))
}

function containerOf({ container }: CrashReport): string | undefined {
  const restarts = container?.restartCount
    ? `restarted ${container.restartCount === 1 ? 'once' : `${container.restartCount} times`} before`
    : undefined
  return joined(', ', container?.name ?? container?.id?.slice(0, 12), restarts)
}

function nodeOf({ node }: CrashReport): string | undefined {
  const name = node?.name === undefined ? node?.ip : joined(' ', node.name, inBrackets(node.ip))
  return node?.cluster === undefined ? name : joined(' ', name, `of cluster ${plain(node.cluster, 80)}`)
}

// The name that the thread gives itself is told only when it says something: by default it is the program's,
// cut to 15 bytes. The first thread has the name of a link to the program, as of busybox's, or of the script
// that it runs.
function processOf(crashed: ReportProcess): string | undefined {
  const { executable, comm, namespacedPid, pid } = crashed
  const ownName = executable?.split('/').at(-1)?.slice(0, 15)
  const name = comm && executable && comm !== ownName ? plain(comm, 60) : undefined
  const thread = isOtherThread(crashed)
  const number = namespacedPid ?? pid
  const shown = executable === undefined ? comm : plain(executable, 200)
  return joined(
    ', ',
    joined(' as ', shown, thread ? undefined : name),
    thread && name ? `thread ${name}` : undefined,
    number === undefined ? undefined : `pid ${number}`,
  )
}

/** Whether it is known to be another thread than the first, by the numbers of either pid namespace. */
function isOtherThread({ pid, threadId, namespacedPid, namespacedThreadId }: ReportProcess): boolean {
  const [process, thread] =
    pid === undefined || threadId === undefined ? [namespacedPid, namespacedThreadId] : [pid, threadId]
  return process !== undefined && thread !== undefined && process !== thread
}

// As addr2line takes them. Without the program headers of the module only the offset in its file is known.
function siteOf({ module, address, offset }: ReportCrash): string | undefined {
  return address === undefined ? joined(' + ', module, offset) : joined(' in ', address, module)
}

function causeOf(report: CrashReport): string | undefined {
  const { code, faultAddress, call } = report.signal ?? {}
  const signal = joined(' at address ', joined(' ', signalOf(report), inBrackets(code)), faultAddress)
  return joined(' by ', signal, call && `${call}: the kernel ignores SIGABRT for process 1`)
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Two digits at least, so that 1.2 GiB is not 1 GiB, and no more than needed. */
function humanBytes(bytes: number | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 0), UNITS.length - 1)
  const amount = bytes / 1024 ** power
  return `${amount < 10 && power > 0 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[power]}`
}

function inBrackets(text: string | undefined): string | undefined {
  return text ? `(${text})` : undefined
}

function joined(separator: string, first: string, ...rest: (string | undefined)[]): string
function joined(separator: string, ...parts: (string | undefined)[]): string | undefined
function joined(separator: string, ...parts: (string | undefined)[]): string | undefined {
  return parts.filter(part => part !== undefined && part !== '').join(separator) || undefined
}
