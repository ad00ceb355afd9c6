import type { CrashReport } from '../crash/report.ts'
import { clip, plain } from '../untrusted/plain-text.ts'
import { ownSiteOf } from './backtrace.ts'
import { deathOf, hasCore, placeOf } from './facts.ts'
import type { Count, Language } from './language/language.ts'
import type { Notification } from './notification.ts'

/** The crashes of one workload in a burst. */
export interface BatchWorkload {
  /** Whose it is: the namespace, or the node for what is in no pod. */
  readonly owner: string
  /** The oldest first. Never empty. */
  readonly notices: readonly Notification[]
}

/**
 * The workloads of `notifications`: of each owner one, before any owner's second, so that an owner of many
 * hides no other. Workloads whose cores were lost come first, then those that crashed the most.
 */
export function workloadsIn(notifications: readonly Notification[]): readonly BatchWorkload[] {
  const byKey = Map.groupBy(notifications, ({ report }) => JSON.stringify(keyOf(report)))
  const workloads = [...byKey.values()].map(group => ({ owner: ownerOf(group), notices: group }))
  const byOwner = Map.groupBy(workloads.toSorted(gravest), ({ owner }) => owner)
  return inTurn([...byOwner.values()])
}

/** The first of each row, then the second of each, and so on. */
export function inTurn<T>(rows: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...rows.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => rows.flatMap(row => row.slice(at, at + 1))).flat()
}

function keyOf({ pod, node, process: crashed }: CrashReport): readonly unknown[] {
  if (pod === undefined) return [node?.name, crashed?.executable ?? crashed?.comm]
  return [pod.namespace, pod.workload?.kind, pod.workload?.name ?? pod.name ?? pod.uid]
}

function ownerOf([first]: readonly Notification[]): string {
  return JSON.stringify(first?.report.pod?.namespace ?? null)
}

function gravest(one: BatchWorkload, other: BatchWorkload): number {
  return counted(other, 'lost') - counted(one, 'lost') || crashesIn(other.notices) - crashesIn(one.notices)
}

/** How many crashes they are, with those that were counted, and of which no core was kept. */
export function crashesIn(notifications: readonly Notification[]): number {
  return notifications.reduce((sum, notification) => sum + weightOf(notification), 0)
}

/** A notification of crashes that were only counted is of no other crash. */
function weightOf({ outcome, report: { suppressed = 0 } }: Notification): number {
  return outcome === 'suppressed' ? Math.max(suppressed, 1) : 1 + suppressed
}

function counted(
  { notices: notifications }: Pick<BatchWorkload, 'notices'>,
  outcome: Notification['outcome'],
): number {
  return notifications.filter(notification => notification.outcome === outcome).length
}

/** So many causes are told of a workload, the most frequent ones. */
const SHOWN_CAUSES = 2

/**
 * `12 × SIGSEGV at 0x1149 (server), 3 × SIGABRT in shop/web (Deployment, 4 pods) · 3 cores, 1 lost`: one line
 * of visible characters.
 */
export function lineOf({ notices: notifications }: BatchWorkload, language: Language): string {
  const causes = tally(notifications, ({ report }) => causeOf(report, language))
  return language.batch.line({
    causes: causes.slice(0, SHOWN_CAUSES),
    elsewhere: causes.slice(SHOWN_CAUSES).reduce((sum, { crashes }) => sum + crashes, 0),
    where: whoOf(notifications, language),
    cores: coresOf(notifications, language),
  })
}

/** How often each of the names that `nameOf` gives came, the most frequent first. */
export function tally(
  notifications: readonly Notification[],
  nameOf: (notification: Notification) => string,
): readonly Count[] {
  const named = Map.groupBy(notifications, nameOf)
  return [...named]
    .map(([cause, found]) => ({ cause, crashes: crashesIn(found) }))
    .toSorted((one, other) => other.crashes - one.crashes)
}

function causeOf(report: CrashReport, language: Language): string {
  const signal = plain(deathOf(report, language) ?? language.unknownSignal, 60)
  const site = ownSiteOf(report) ?? addressOf(report)
  return site === null ? signal : language.batch.cause({ signal, site })
}

/** Of what has no names; `null`: it is not known either. */
function addressOf({ crash }: CrashReport): string | null {
  const own = crash?.frames?.find(frame => frame.own === true)
  // What a frame calls its offset is counted from its function.
  const { module, address, offset } =
    own?.address === undefined ? (crash ?? {}) : { ...own, offset: undefined }
  const file = module === undefined ? undefined : plain(module.slice(module.lastIndexOf('/') + 1), 40)
  if (file === undefined) return null
  return address === undefined ? [file, offset].filter(Boolean).join(' + ') : `${address} (${file})`
}

/** A pod by its name; of several what they belong to. */
function whoOf(notifications: readonly Notification[], language: Language): string {
  const pods = new Set(notifications.map(({ report: { pod } }) => pod?.uid ?? pod?.name)).size
  const [first] = notifications
  const { namespace, workload } = first?.report.pod ?? {}
  if (first === undefined || workload === undefined || pods < 2)
    return plain(first === undefined ? '' : placeOf(first.report, language), 140)
  const name = plain(`${namespace}/${workload.name}`, 120)
  return language.batch.workload({ name, kind: plain(workload.kind, 40), pods })
}

/** `3 cores, 1 incomplete, 1 lost`; what of it there is. `no new core`: they were only counted. */
export function coresOf(notifications: readonly Notification[], language: Language): string {
  const cores = language.batch.cores({
    kept: notifications.filter(({ outcome }) => hasCore(outcome)).length,
    incomplete: counted({ notices: notifications }, 'incomplete'),
    lost: counted({ notices: notifications }, 'lost'),
  })
  return clip(cores, 100)
}

/**
 * Those that have a core to be opened, of each cause one before any cause's second: whole ones before others.
 */
export function openableOf(
  { notices: notifications }: BatchWorkload,
  language: Language,
): readonly Notification[] {
  const found = notifications.filter(
    ({ outcome, report }) => hasCore(outcome) || report.core?.kept !== undefined,
  )
  const wholeFirst = found.toSorted((one, other) => rankOf(one) - rankOf(other))
  return inTurn([...Map.groupBy(wholeFirst, ({ report }) => causeOf(report, language)).values()])
}

const RANKS = { stored: 0, incomplete: 1, suppressed: 2, lost: 3 } as const

function rankOf({ outcome }: Notification): number {
  return RANKS[outcome]
}
