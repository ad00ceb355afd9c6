import type { CrashReport, ReportCrash } from '../../crash/report.ts'
import { LANGUAGES } from '../language/all.ts'
import { defaultMessage } from '../message.ts'
import type { Notification } from '../notification.ts'
import { stackLines } from '../stacks.ts'
import { type Attribute, attributesOf, type Values } from './otlp-attributes.ts'
import type { Telling } from './receiver.ts'

/** What a collector is posted: one record of one resource. */
export interface LogsData {
  readonly resourceLogs: readonly [ResourceLogs]
}

interface ResourceLogs {
  readonly resource: { readonly attributes: readonly Attribute[] }
  readonly scopeLogs: readonly [{ readonly scope: object; readonly logRecords: readonly [object] }]
}

// https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
const FATAL = { severityNumber: 21, severityText: 'FATAL' }
const ERROR = { severityNumber: 17, severityText: 'ERROR' }

/**
 * The crash as an event of OpenTelemetry. Its name is that of https://opentelemetry.io/docs/specs/semconv/app/app-events,
 * which is experimental; crashes that were only counted have one of ours.
 */
export function logRecord({ forPeople: notification, firstAt, now }: Telling): LogsData {
  const { report, outcome } = notification
  const isGroup = outcome === 'suppressed'
  const record = {
    timeUnixNano: nanoseconds((isGroup ? undefined : report.time) ?? firstAt),
    observedTimeUnixNano: nanoseconds(now.toISOString()),
    ...(isGroup ? ERROR : FATAL),
    eventName: isGroup ? 'coredog.group' : 'app.crash',
    body: { stringValue: bodyOf(notification) },
    attributes: attributesOf({ ...exceptionOf(report), ...coredogOf(notification) }),
  }
  const scope = { name: 'coredog', version: report.handler?.version ?? '' }
  const resource = { attributes: attributesOf(resourceOf(report)) }
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] }
}

/** In JSON a number of 64 bits is a text. */
function nanoseconds(time: string): string {
  const milliseconds = Date.parse(time)
  return Number.isNaN(milliseconds) ? '0' : `${BigInt(milliseconds) * 1_000_000n}`
}

function bodyOf(notification: Notification): string {
  const { title, reason } = defaultMessage(notification)
  return [title, ...reason].join('\n')
}

// https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs
function exceptionOf(report: CrashReport): Values {
  const { crash, signal } = report
  return {
    'exception.type': signal?.name ?? signal?.number?.toString(),
    'exception.message': crash?.reason ?? crash?.unexplained,
    'exception.stacktrace': stackOf(report, crash),
  }
}

function stackOf(report: CrashReport, crash: ReportCrash | undefined): string | undefined {
  if (crash?.frames === undefined && crash?.interpreterFrames === undefined) return undefined
  return stackLines(report, LANGUAGES.en).join('\n')
}

function coredogOf({ outcome, report, reason, update }: Notification): Values {
  const { id, crash, core, seen, suppressed } = report
  return {
    'coredog.crash.id': id,
    'coredog.crash.group': crash?.group,
    'coredog.crash.reason_code': crash?.reasonCode,
    'coredog.outcome': outcome,
    'coredog.outcome.reason': reason,
    'coredog.core.url': core?.url ?? core?.kept?.url,
    'coredog.core.size': core?.sizeBytes,
    'coredog.seen.count': seen?.count,
    'coredog.seen.first': seen?.first,
    'coredog.counted': update?.crashes ?? suppressed,
  }
}

// https://opentelemetry.io/docs/specs/semconv/resource/k8s, /container, /process, /service
function resourceOf({ node, pod, container, process, crash }: CrashReport): Values {
  const { labels = {}, workload } = pod ?? {}
  return {
    'service.name': labels['app.kubernetes.io/name'] ?? workload?.name ?? process?.comm,
    'service.namespace': labels['app.kubernetes.io/part-of'] ?? pod?.namespace,
    'service.version': labels['app.kubernetes.io/version'],
    'k8s.cluster.name': node?.cluster,
    'k8s.node.name': node?.name,
    'k8s.namespace.name': pod?.namespace,
    'k8s.pod.name': pod?.name,
    'k8s.pod.uid': pod?.uid,
    ...(workload !== undefined &&
      WORKLOADS.has(workload.kind) && { [`k8s.${workload.kind.toLowerCase()}.name`]: workload.name }),
    'k8s.container.name': container?.name,
    'k8s.container.restart_count': container?.restartCount,
    'container.id': container?.id,
    'container.image.name': container?.image,
    'container.image.id': container?.imageId,
    'process.pid': process?.namespacedPid ?? process?.pid,
    'process.executable.path': process?.executable,
    'process.runtime.name': crash?.runtime?.name,
    'process.runtime.version': crash?.runtime?.version,
    'os.type': 'linux',
  }
}

/** Those that have an attribute of their own. */
const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])
