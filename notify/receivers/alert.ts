import type { AlertmanagerReceiver, OUR_LABELS } from '../../config/receivers/alertmanager.ts'
import type { CrashReport } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { backtraceLines } from '../backtrace.ts'
import { signalOf } from '../facts.ts'
import { LANGUAGES } from '../language/all.ts'
import { messageFor } from '../message.ts'
import type { Notification } from '../notification.ts'

/** As `POST /api/v2/alerts` takes them. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

/** What goes on: a crash, since when there were some like it, and when the last one was. */
export interface Ongoing {
  /** As people are told it. */
  readonly notification: Notification
  readonly since: Date
  readonly last: Date
}

export const ALERT_NAME = 'CoreDogCrash'

/** Of a label or a short annotation. */
const LONGEST_VALUE = 200
const LONGEST_SENTENCE = 600
/** Of all links together: one that is signed has two thousand. */
const LONGEST_TEXT = 8000

export function alertOf(
  { notification, since, last }: Ongoing,
  { labels, resolveAfterSeconds }: Pick<AlertmanagerReceiver, 'labels' | 'resolveAfterSeconds'>,
): Alert {
  const endsAt = new Date(last.getTime() + resolveAfterSeconds * 1000)
  return {
    labels: { alertname: ALERT_NAME, ...labels, ...identityOf(notification.report) },
    annotations: present(annotationsOf(notification)),
    // A clock that was set back would make it end before it begins.
    startsAt: (since < last ? since : last).toISOString(),
    endsAt: endsAt.toISOString(),
  }
}

/** Which alert it is: what crashes of one bug in one workload have in common, and nothing else. */
export function identityOf(report: CrashReport): Readonly<Record<string, string>> {
  const { node, pod, container, crash } = report
  const identity: Readonly<Record<(typeof OUR_LABELS)[number], string | undefined>> = {
    cluster: node?.cluster,
    namespace: pod?.namespace,
    workload: pod?.workload?.name ?? pod?.name,
    container: container?.name,
    signal: signalOf(report),
    group: crash?.group,
    // Of no pod: the processes of each node are its own.
    node: pod === undefined ? node?.name : undefined,
  }
  return present(identity)
}

function annotationsOf(notification: Notification): Readonly<Record<string, string | undefined>> {
  const { report, outcome } = notification
  const message = messageFor(notification, { messageTemplate: null, messageLabels: {} })
  const frames = backtraceLines(message.backtrace, LANGUAGES.en)
  const links = [message.link, ...(message.links ?? [])].filter(link => link !== null)
  return {
    summary: message.title,
    description: lines([...message.reason, ...message.lines]),
    id: report.id,
    outcome,
    pod: report.pod?.name,
    node: report.node?.name,
    image: report.container?.image,
    program: report.process?.executable,
    crashed: report.time,
    reason: whyNotWhole(notification),
    frames: lines(frames),
    links: lines(links.map(({ label, url }) => `${label}: ${url}`)),
    command: lines(message.commands),
    place: message.place ?? undefined,
  }
}

function whyNotWhole({ outcome, reason, hint }: Notification): string | undefined {
  if (outcome !== 'lost' && outcome !== 'incomplete') return undefined
  const said = [reason, hint].filter(text => text !== undefined && text !== '')
  return said.map(text => plain(text ?? '', LONGEST_SENTENCE)).join('. ')
}

/** Whole ones: half a link opens nothing. */
function lines(all: readonly string[]): string {
  let room = LONGEST_TEXT
  return all
    .filter(line => {
      room -= line.length + 1
      return room >= 0
    })
    .join('\n')
}

/** Alertmanager drops what is empty. */
function present(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, shown(name, value)]] : [])),
  )
}

const LONG = ['summary', 'description', 'reason', 'frames', 'links', 'command', 'place']

function shown(name: string, value: string): string {
  return LONG.includes(name) ? value : plain(value, LONGEST_VALUE)
}
