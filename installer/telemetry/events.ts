import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { ANNOTATIONS } from '../../crash/annotations.ts'
import { isDnsName } from '../../crash/dns-name.ts'
import { messageOf } from '../../crash/errors.ts'
import { fieldsIn, fieldsOf, isFields } from '../../crash/fields.ts'
import { humanBytes } from '../../crash/human-bytes.ts'
import { incompleteSentence, whyNotKept } from '../../crash/incomplete-core.ts'
import { percentOf } from '../../crash/quota.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { isForQuota } from '../../notify/quota-line.ts'
import { spaceInvisible } from '../../untrusted/invisible.ts'
import { crashIn, type HandlerLogEntry, reportOf } from './handler-log-entry.ts'

/** An Event of `events.k8s.io/v1`: what `kubectl describe` shows below the object it regards, for an hour. */
export interface KubeEvent extends KubeObject {
  readonly apiVersion: 'events.k8s.io/v1'
  readonly kind: 'Event'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  /** RFC 3339 with microseconds. */
  readonly eventTime: string
  readonly type: 'Warning' | 'Normal'
  readonly reason: string
  readonly action: string
  /** At most 1,024 bytes. */
  readonly note: string
  readonly regarding: Regarding
  readonly reportingController: string
  readonly reportingInstance: string
  /** Of several that are alike; then `eventTime` is the first one's. */
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
}

interface Regarding {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod' | 'Node' | 'Namespace'
  readonly namespace?: string
  readonly name: string
  readonly uid?: string
}

/**
 * The Event on the pod whose crash `line` is about; `null` if it is about none, or about an unknown pod's. A
 * crash is a Warning, kept or not: that is what people filter by. The name is made of the crash's id, so a
 * line that is read twice makes one Event.
 */
export function eventOf(line: HandlerLogEntry, nodeName: string): KubeEvent | null {
  const told = EVENT_TEXTS[line.msg]
  const report = identifiedReport(line)
  const { namespace, name, uid } = report?.pod ?? {}
  if (told === undefined || report === null || !isDnsName(namespace) || !isDnsName(name)) return null
  return {
    ...common(nodeName, told.reason, 'Warning', told.note(report, line), report.time ?? line.time),
    metadata: { name: eventName(name, report.id), namespace, ...clusterOf(report) },
    action: 'Collect',
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, ...(uid === undefined ? {} : { uid }) },
  }
}

/**
 * An Event on the node: what was found wrong with it, and what to do. `reason` is one word:
 * `ForeignCorePattern`.
 */
export function nodeEvent(
  nodeName: string,
  reason: string,
  note: string,
  type: KubeEvent['type'] = 'Warning',
  time = new Date().toISOString(),
): KubeEvent {
  return {
    ...common(nodeName, reason, type, note, time),
    metadata: { name: eventName(nodeName, randomBytes(8).toString('hex')), namespace: 'default' },
    action: 'SetUp',
    // The kubelet's own Events have the name for a uid, and `kubectl describe node` looks for that.
    regarding: { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeName },
  }
}

/**
 * `settled`: it is there, or was refused for good; `away`: the API server may take it later. Never rejects:
 * an Event is for people, and what it says is in the log, too.
 */
export async function postEvent(
  kube: Pick<KubeClient, 'create'>,
  event: KubeEvent,
  log: Logger,
): Promise<'settled' | 'away'> {
  try {
    await kube.create(`/apis/events.k8s.io/v1/namespaces/${event.metadata.namespace}/events`, event)
  } catch (cause) {
    if (cause instanceof KubeError && cause.reason === 'AlreadyExists') return 'settled'
    const hint = cause instanceof KubeError ? cause.hint : undefined
    log.warn(
      { event: event.reason, regarding: event.regarding, reason: messageOf(cause), hint },
      'event not posted',
    )
    return cause instanceof KubeError && isAway(cause) ? 'away' : 'settled'
  }
  return 'settled'
}

/**
 * No answer, too many requests, a token that is just renewed, or a fault of its own: none of it says a word
 * on the Event.
 */
function isAway({ status }: KubeError): boolean {
  return status === null || status === 401 || status === 408 || status === 429 || status >= 500
}

/** The Event in the JSON text of one that was kept; `null`: it is none that could be posted. */
export function keptEvent(json: string): KubeEvent | null {
  const { version: _, ...event } = fieldsIn(json) ?? {}
  const { kind, metadata, eventTime, note, regarding } = event
  const { namespace, name } = fieldsOf(metadata)
  const isWhole = kind === 'Event' && [namespace, name].every(isDnsName) && isFields(regarding)
  const isEvent = isWhole && typeof eventTime === 'string' && typeof note === 'string'
  return isEvent ? (event as unknown as KubeEvent) : null
}

interface EventText {
  readonly reason: string
  readonly note: (report: CrashReport, line: HandlerLogEntry) => string
}

const EVENT_TEXTS: Readonly<Record<string, EventText>> = {
  'crash stored': {
    reason: 'CoreDumped',
    note: report => `${deathOf(report)} Core: ${coreOf(report)}.${leanness(report)}${incompleteness(report)}`,
  },
  'crash suppressed': {
    reason: 'CoreDumpSuppressed',
    note: report =>
      `${deathOf(report)} Core ${report.core?.incompleteReason ?? keptOf(report)}.${insteadOf(report)}`,
  },
  'crash lost': {
    reason: 'CoreDumpFailed',
    note: (report, line) => {
      const { reason, hint = '' } = crashIn(line) ?? {}
      const why = whyNotKept(reason || 'see the log of the handler').replace(/\.$/, '')
      return `${deathOf(report)} Its core is lost: ${why}. ${hint}`
    },
  },
}

/** Of a crash like one whose core was kept. */
function keptOf({ core }: CrashReport): string {
  return core?.dump === 'stacks' ? 'kept as stacks only: one like it was kept' : 'not kept: one like it was'
}

/** `Process "my app" of container "web" died of SIGSEGV (SEGV_MAPERR at 0x0).` */
function deathOf({ process: crashed, container, signal }: CrashReport): string {
  const where = container?.name === undefined ? '' : ` of container "${container.name}"`
  const why = [signal?.code, signal?.faultAddress && `at ${signal.faultAddress}`].filter(Boolean).join(' ')
  const of = signal?.name === undefined ? '' : ` of ${signal.name}`
  const by = signal?.call === undefined ? '' : ` by ${signal.call}`
  return `Process "${crashed?.comm ?? '?'}"${where} died${of}${why === '' ? '' : ` (${why})`}${by}.`
}

/**
 * Where it is, for a person who may read the store. What follows a `?` would let every reader of the Event
 * in.
 */
function coreOf({ core }: CrashReport): string {
  return withoutQuery(core?.url ?? core?.key ?? 'see the report')
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '')
}

/** For a collector that brings the Events of several clusters together. */
function clusterOf({ node }: CrashReport): Pick<KubeEvent['metadata'], 'annotations'> {
  const { cluster } = Object(node)
  return typeof cluster === 'string' ? { annotations: { [ANNOTATIONS.cluster]: cluster.slice(0, 63) } } : {}
}

/** Where the core is that was kept in place of this one. */
function insteadOf({ core }: CrashReport): string {
  const { url } = Object(core?.kept)
  return typeof url === 'string' ? ` The last one kept: ${withoutQuery(url)}` : ''
}

/** That its namespace has no room for more, where only stacks were kept for that. */
function leanness({ core }: CrashReport): string {
  if (!isForQuota(core)) return ''
  const { usedBytes = 0, limitBytes = 0 } = core?.quota ?? {}
  const used = `${percentOf({ usedBytes, limitBytes })} % used, ${humanBytes(usedBytes)} of ${humanBytes(limitBytes)}`
  return ` Stacks only, for the quota of the namespace: it is ${used}.`
}

function incompleteness({ core }: CrashReport): string {
  return core?.complete === false ? ` ${incompleteSentence(`${core.incompleteReason ?? 'cut off'}`)}.` : ''
}

/** What all Events of ours have. */
export function common(
  nodeName: string,
  reason: string,
  type: KubeEvent['type'],
  note: string,
  time: string | undefined,
) {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: microTime(time),
    type,
    reason,
    note: noteOf(note),
    reportingController: 'coredog.io/installer',
    reportingInstance: withinBytes(nodeName, 128),
  } as const
}

/** As an Event may say it, and a terminal show it. */
export function noteOf(text: string): string {
  return withinBytes(spaceInvisible(text).trim(), 1024)
}

function microTime(time: string | undefined): string {
  const date = new Date(time ?? Number.NaN)
  const valid = Number.isNaN(date.getTime()) ? new Date() : date
  return valid.toISOString().replace('Z', '000Z')
}

/** A DNS subdomain of at most 253 characters. */
function eventName(of: string, id: string): string {
  const safe = id.toLowerCase().replace(/[^a-z0-9]/g, '')
  return `${of.slice(0, 200).replace(/[-.]+$/, '')}.${safe.slice(0, 40) || 'unnamed'}`
}

function withinBytes(text: string, longestBytes: number): string {
  if (Buffer.byteLength(text) <= longestBytes) return text
  const cut = Buffer.from(text)
    .subarray(0, longestBytes - 3)
    .toString()
  return `${cut.replace(/\ufffd+$/, '')}…`
}

/** `null`: the line has none that is known by an id. */
function identifiedReport(line: HandlerLogEntry): CrashReport | null {
  const report = reportOf(line)
  return typeof report?.id === 'string' ? report : null
}
