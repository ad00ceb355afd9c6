import { type CrashReport, withoutThreads } from '../../crash/report.ts'
import type { Notification } from '../notification.ts'
import type { Telling } from './receiver.ts'

/** What a webhook is posted; `cloud-event.schema.json` says the same to programs. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly type: 'io.coredog.crash.v1' | 'io.coredog.group.v1'
  readonly source: string
  /** The same however often it is sent: a receiver that gets it twice can tell. */
  readonly id: string
  readonly time: string
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: object
}

export function cloudEvent({ forPrograms: notification, firstAt }: Telling): CloudEvent {
  const { report } = notification
  const isGroup = notification.outcome === 'suppressed'
  const { cluster } = report.node ?? {}
  return {
    specversion: '1.0',
    type: isGroup ? 'io.coredog.group.v1' : 'io.coredog.crash.v1',
    source: cluster === undefined ? '/coredog' : `/coredog/${encodeURIComponent(cluster)}`,
    // A group is told of by the last of its crashes, which may have been told of before.
    id: isGroup ? `${report.id}-${Date.parse(firstAt)}` : report.id,
    time: report.time ?? firstAt,
    ...subjectOf(report),
    datacontenttype: 'application/json',
    data: dataOf(notification),
  }
}

function subjectOf({ pod }: CrashReport): { readonly subject?: string } {
  return pod?.namespace === undefined ? {} : { subject: [pod.namespace, pod.name].filter(Boolean).join('/') }
}

function dataOf({ outcome, report, reason, hint, link, update }: Notification): object {
  return {
    outcome,
    ...(reason !== undefined && { reason }),
    ...(hint !== undefined && { hint }),
    ...(link !== null && { link }),
    ...(update !== undefined && { update }),
    report: withoutArguments(withoutThreads(report)),
  }
}

function withoutArguments(report: CrashReport): CrashReport {
  if (report.process === undefined) return report
  const { arguments: _, ...process } = report.process
  return { ...report, process }
}
