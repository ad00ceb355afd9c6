import { humanBytes } from '../crash/human-bytes.ts'
import type { CrashReport, ReportContainer, ReportCore, ReportProcess } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language } from './language/language.ts'
import type { Notification } from './notification.ts'
import { isForQuota } from './quota-line.ts'
import { type Script, scriptOf } from './script.ts'

/** One labelled value. Both are one line of visible characters. */
export interface Fact {
  readonly label: string
  readonly value: string
}

/** `prod/web (app)`: what crashed, as its owner calls it; of what is in no pod, the program and its node. */
export function ownerOf(report: CrashReport, language: Language): string {
  const { namespace, workload } = report.pod ?? {}
  if (workload === undefined) return placeOf(report, language)
  return joined(' ', joined('/', namespace, workload.name), inBrackets(report.container?.name)) ?? ''
}

/** `prod/web-0 (app)`: the very pod. */
export function placeOf(report: CrashReport, language: Language): string {
  const pod = podOf(report)
  if (pod !== undefined) return joined(' ', pod, inBrackets(report.container?.name))
  const { comm, executable } = report.process ?? {}
  const program = plain(comm || executable || language.unknownProcess, 80)
  const node = report.node?.name ?? report.node?.ip
  return node ? language.onNode({ program, node }) : program
}

/** Where it was and of what, the most telling first. What was not seen is left out. */
export function factsOf(report: CrashReport, language: Language): Fact[] {
  const { labels } = language
  const seen: readonly (readonly [string, string | undefined])[] = [
    [labels.pod, restartedPod(report, language)],
    [labels.program, programOf(report, language)],
    [labels.node, nodeOf(report)],
    [labels.image, report.container && imageOf(report.container)],
    [labels.cluster, report.node?.cluster],
  ]
  return seen.flatMap(([label, value]) => (value ? [{ label, value: plain(value) }] : []))
}

/** Whether there is something to be opened. */
export function hasCore(outcome: Notification['outcome']): boolean {
  return outcome === 'stored' || outcome === 'incomplete'
}

/** The signal's name, or its number where it has none. */
export function signalOf({ signal }: CrashReport): string | undefined {
  return signal?.name ?? (signal?.number === undefined ? undefined : `signal ${signal.number}`)
}

/** `SIGSEGV`; `SIGSEGV by abort()` where that is what the program called. */
export function deathOf(report: CrashReport, language: Language): string | undefined {
  const signal = signalOf(report)
  const call = report.signal?.call
  return signal === undefined || !call ? signal : language.signalBy({ signal, call })
}

/** `1.2 GiB → 84 MiB`: as the kernel wrote it, and as it is kept. */
export function sizeOf(core: ReportCore): string | undefined {
  const { size, stored } = sizesOf(core)
  return joined(' → ', size, stored)
}

/** The same of the core that a message speaks of. */
export function coreSizeOf(core: ReportCore, language: Language): string | null {
  const { size, stored } = sizesOf(core)
  return size === undefined
    ? null
    : language.coreSize({ size, stored, dump: isForQuota(core) ? 'stacks for a quota' : core.dump })
}

function sizesOf({ sizeBytes, storedBytes, compression }: ReportCore) {
  const stored = compression === 'none' && sizeBytes !== undefined ? undefined : storedBytes
  return { size: bytesText(sizeBytes), stored: bytesText(stored) }
}

function podOf({ pod }: CrashReport): string | undefined {
  return joined('/', pod?.namespace, pod?.name ?? (pod?.uid && `(pod with uid ${pod.uid})`))
}

function restartedPod({ pod, container }: CrashReport, language: Language): string | undefined {
  const name = pod?.name || pod?.uid
  const times = container?.restartCount
  return !name || !times ? name : language.restarted({ pod: plain(name, 260), times })
}

function nodeOf({ node }: CrashReport): string | undefined {
  return node?.name === undefined ? node?.ip : joined(' ', node.name, inBrackets(node.ip))
}

const SHORT_DIGEST = /sha256:([0-9a-f]{12})[0-9a-f]*/

/** `registry.example/app:1.4.2 (sha256:1f3c9e0a7b12)`: a tag may be another image tomorrow. */
function imageOf({ image, imageId }: ReportContainer): string | undefined {
  const name = image?.replace(SHORT_DIGEST, 'sha256:$1')
  const digest = SHORT_DIGEST.exec(imageId ?? '')?.[1]
  if (name === undefined) return imageId?.replace(SHORT_DIGEST, 'sha256:$1')
  return digest === undefined || name.includes('sha256:') ? name : `${name} (sha256:${digest})`
}

/** The program, where nothing that is shown above has its name. */
function programOf(report: CrashReport, language: Language): string | undefined {
  const { process: crashed, container, pod } = report
  if (crashed?.executable === undefined) return undefined
  const script = scriptOf(crashed.executable, crashed.arguments ?? [])
  if (script !== null) return withScript(crashed.executable, script)
  const shown = calledOf(crashed, language)
  const itsName = crashed.executable.split('/').at(-1)
  const isNamed = [container?.name, pod?.workload?.name].includes(itsName)
  return isNamed && shown === crashed.executable ? undefined : shown
}

/** `python3.11 … worker.py`: who wrote it knows it by that. */
function withScript(executable: string, { name, hasOptions }: Script): string {
  return [executable.split('/').at(-1), ...(hasOptions ? ['…'] : []), name].join(' ')
}

// The name that the thread gives itself is told only when it says something: by default it is the program's,
// cut to 15 bytes. The first thread has the name of a link to the program, as of busybox's, or of the script
// that it runs; that of another thread is in the report.
function calledOf(crashed: ReportProcess, language: Language): string | undefined {
  const { executable = '', comm } = crashed
  const ownName = executable.split('/').at(-1)?.slice(0, 15)
  if (!comm || comm === ownName || isOtherThread(crashed)) return executable
  return language.calledAs({ program: plain(executable, 200), name: plain(comm, 60) })
}

/** Whether it is known to be another thread than the first, by the numbers of either pid namespace. */
function isOtherThread({ pid, threadId, namespacedPid, namespacedThreadId }: ReportProcess): boolean {
  const [process, thread] =
    pid === undefined || threadId === undefined ? [namespacedPid, namespacedThreadId] : [pid, threadId]
  return process !== undefined && thread !== undefined && process !== thread
}

function bytesText(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : humanBytes(bytes)
}

function inBrackets(text: string | undefined): string | undefined {
  return text ? `(${text})` : undefined
}

function joined(separator: string, first: string, ...rest: (string | undefined)[]): string
function joined(separator: string, ...parts: (string | undefined)[]): string | undefined
function joined(separator: string, ...parts: (string | undefined)[]): string | undefined {
  return parts.filter(part => part !== undefined && part !== '').join(separator) || undefined
}
