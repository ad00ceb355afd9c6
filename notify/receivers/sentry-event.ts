import { createHash } from 'node:crypto'
import { present } from '../../crash/present.ts'
import type { CrashReport } from '../../crash/report.ts'
import { defaultMessage } from '../message.ts'
import type { Notification } from '../notification.ts'
import type { Telling } from './receiver.ts'
import { stacktraceOf } from './sentry-frames.ts'

/** As https://develop.sentry.dev/sdk/foundations/transport/event-payloads has it. */
export interface SentryEvent {
  /** 32 hexadecimal digits; the same however often it is sent, and Sentry keeps one. */
  readonly event_id: string
  readonly [field: string]: unknown
}

/** Of a value of a tag, and of a release: Sentry drops what is longer. */
const LONGEST_TAG = 200

export function sentryEvent({ forPeople: notification, firstAt }: Telling): SentryEvent {
  const { report } = notification
  const { node, container, crash } = report
  const { stacktrace, images } = stacktraceOf(crash?.frames ?? [])
  return {
    event_id: createHash('sha256').update(report.id).digest('hex').slice(0, 32),
    timestamp: report.time ?? firstAt,
    platform: 'native',
    level: 'fatal',
    logger: 'coredog',
    ...present({
      server_name: node?.name,
      environment: node?.cluster?.slice(0, 64),
      release: releaseOf(container?.image),
    }),
    exception: { values: [{ ...exceptionOf(notification), ...(stacktrace && { stacktrace }) }] },
    ...(images.length > 0 && { debug_meta: { images } }),
    // Ours over all builds; without one Sentry makes its own.
    ...(crash?.group !== undefined && { fingerprint: [crash.group] }),
    tags: tagsOf(report, notification.outcome),
    contexts: contextsOf(report),
    extra: extraOf(notification),
  }
}

/** Sentry takes no release with a slash, a line end or a space at its ends. */
function releaseOf(image: string | undefined): string | undefined {
  if (!image) return undefined
  const release = image.replace(/[/\\\s]+/g, '_').slice(-LONGEST_TAG)
  return /^(?:\.{1,2}|latest|_+)$/i.test(release) ? undefined : release
}

function exceptionOf({ report }: Notification): object {
  const { signal, crash, process } = report
  const { number, name, code } = signal ?? {}
  const type = name ?? (number === undefined ? 'Crash' : `signal ${number}`)
  const meta = number === undefined ? {} : { meta: { signal: present({ number, name, code_name: code }) } }
  return {
    type,
    value: crash?.reason ?? crash?.unexplained ?? type,
    mechanism: { type: 'coredump', handled: false, ...meta },
    ...present({ thread_id: process?.namespacedThreadId ?? process?.threadId }),
  }
}

function tagsOf(report: CrashReport, outcome: string): Readonly<Record<string, string>> {
  const { pod, container, node, crash } = report
  const tags = {
    namespace: pod?.namespace,
    workload: pod?.workload?.name,
    pod: pod?.name,
    container: container?.name,
    image: container?.image,
    node: node?.name,
    cluster: node?.cluster,
    'crash.id': report.id,
    'crash.group': crash?.group,
    'crash.reason': crash?.reasonCode,
    core: outcome,
  }
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (value ? [[key, oneLine(value)]] : [])),
  )
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').slice(0, LONGEST_TAG)
}

function contextsOf({ node, pod, container, process, crash }: CrashReport): object {
  const { name, version } = crash?.runtime ?? {}
  return {
    os: { name: 'Linux', ...present({ kernel_version: node?.kernel }) },
    ...(name !== undefined && { runtime: { name, ...present({ version }) } }),
    kubernetes: present({
      pod: pod?.name,
      uid: pod?.uid,
      workload: pod?.workload?.kind,
      restarts: container?.restartCount,
    }),
    process: present({ executable: process?.executable, pid: process?.namespacedPid, thread: process?.comm }),
  }
}

/** Where the core is, and how it is opened. */
function extraOf(notification: Notification): object {
  const { report, link, reason } = notification
  const { commands } = defaultMessage(notification)
  return present({
    core: link ?? report.core?.url,
    core_lost: reason,
    // That of kubectl is the last one.
    command: commands.at(-1),
    abort_message: report.crash?.abortMessage,
    last_words: report.crash?.lastWords?.join('\n'),
    seen: report.seen?.count,
  })
}
