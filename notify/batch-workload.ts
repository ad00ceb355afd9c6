import type { CrashReport } from '../crash/report.ts'
import { clip, plain } from '../untrusted/plain-text.ts'
import { deathOf, hasCore, titlePlaceOf } from './facts.ts'
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
export function lineOf({ notices: notifications }: BatchWorkload): string {
  const causes = tally(notifications, ({ report }) => causeOf(report))
  const shown = causes.slice(0, SHOWN_CAUSES).map(([cause, number]) => `${number} × ${cause}`)
  const others = causes.slice(SHOWN_CAUSES).reduce((sum, [, number]) => sum + number, 0)
  const what = [...shown, ...(others === 0 ? [] : [`${others} elsewhere`])].join(', ')
  return `${what} in ${whoOf(notifications)} · ${coresOf(notifications)}`
}

/** How often each of the names that `nameOf` gives came, the most frequent first. */
export function tally(
  notifications: readonly Notification[],
  nameOf: (notification: Notification) => string,
): readonly (readonly [name: string, crashes: number])[] {
  const named = Map.groupBy(notifications, nameOf)
  return [...named]
    .map(([name, found]) => [name, crashesIn(found)] as const)
    .toSorted(([, one], [, other]) => other - one)
}

function causeOf(report: CrashReport): string {
  const { module, address, offset } = report.crash ?? {}
  const signal = plain(deathOf(report) ?? 'unknown signal', 60)
  const file = module === undefined ? undefined : plain(module.slice(module.lastIndexOf('/') + 1), 40)
  if (file === undefined) return signal
  const site = address === undefined ? [file, offset].filter(Boolean).join(' + ') : `${address} (${file})`
  return `${signal} at ${site}`
}

/** A pod by its name; of several what they belong to. */
function whoOf(notifications: readonly Notification[]): string {
  const pods = new Set(notifications.map(({ report: { pod } }) => pod?.uid ?? pod?.name)).size
  const [first] = notifications
  const { namespace, workload } = first?.report.pod ?? {}
  if (first === undefined || workload === undefined || pods < 2)
    return plain(first === undefined ? '' : titlePlaceOf(first.report), 140)
  return `${plain(`${namespace}/${workload.name}`, 120)} (${plain(workload.kind, 40)}, ${pods} pods)`
}

/** `3 cores, 1 incomplete, 1 lost`; what of it there is. `no new core`: they were only counted. */
export function coresOf(notifications: readonly Notification[]): string {
  const [kept, incomplete, lost] = [
    notifications.filter(({ outcome }) => hasCore(outcome)).length,
    counted({ notices: notifications }, 'incomplete'),
    counted({ notices: notifications }, 'lost'),
  ]
  const parts = [
    ...(kept === 0 && lost > 0 ? [] : [kept === 0 ? 'no new core' : `${kept} core${kept === 1 ? '' : 's'}`]),
    ...(incomplete === 0 ? [] : [`${incomplete} incomplete`]),
    ...(lost === 0 ? [] : [kept === 0 ? `${lost} core${lost === 1 ? '' : 's'} lost` : `${lost} lost`]),
  ]
  return clip(parts.join(', '), 100)
}

/**
 * Those that have a core to be opened, of each cause one before any cause's second: whole ones before others.
 */
export function openableOf({ notices: notifications }: BatchWorkload): readonly Notification[] {
  const found = notifications.filter(
    ({ outcome, report }) => hasCore(outcome) || report.core?.kept !== undefined,
  )
  const wholeFirst = found.toSorted((one, other) => rankOf(one) - rankOf(other))
  return inTurn([...Map.groupBy(wholeFirst, ({ report }) => causeOf(report)).values()])
}

const RANKS = { stored: 0, incomplete: 1, suppressed: 2, lost: 3 } as const

function rankOf({ outcome }: Notification): number {
  return RANKS[outcome]
}
