import { type CrashReport, withoutThreads } from '../../crash/report.ts'
import type { linksIn } from '../crash-links.ts'
import type { Notification } from '../notification.ts'
import type { Telling } from './receiver.ts'

/** What a webhook is posted. `cloud-event.schema.json` says the same to programs, and all that is in `data`. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly type: 'io.coredog.crash.v1' | 'io.coredog.group.v1'
  readonly source: string
  /** The same however often it is sent: a receiver that gets it twice can tell. */
  readonly id: string
  readonly time: string
  /** `namespace/pod` */
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: object
}

export function cloudEvent({ forPrograms: notification, firstAt }: Telling): CloudEvent {
  const { report, outcome } = notification
  const isGroup = outcome === 'suppressed'
  return {
    specversion: '1.0',
    type: isGroup ? 'io.coredog.group.v1' : 'io.coredog.crash.v1',
    source: sourceOf(report),
    // A group is told of by the last of its crashes, of which there may have been an event before.
    id: isGroup ? `${report.id}-${Date.parse(firstAt)}` : report.id,
    time: isGroup ? firstAt : (report.time ?? firstAt),
    ...subjectOf(report),
    datacontenttype: 'application/json',
    data: isGroup ? groupData(notification) : crashData(notification),
  }
}

function sourceOf({ node }: CrashReport): string {
  return `/coredog${node?.cluster === undefined ? '' : `/${encodeURIComponent(node.cluster.toWellFormed())}`}`
}

function subjectOf({ pod }: CrashReport): { readonly subject?: string } {
  return pod?.namespace ? { subject: [pod.namespace, pod.name].filter(Boolean).join('/') } : {}
}

function crashData({ outcome, report, reason, hint, ...links }: Notification): object {
  return {
    outcome,
    ...(reason !== undefined && { reason }),
    ...(hint !== undefined && { hint }),
    ...linksOf(links),
    report: told(report),
  }
}

/** What one node has counted, or, with `update`, all of them. */
function groupData({ report, reason, update, ...links }: Notification): object {
  return {
    crashes: update?.crashes ?? report.suppressed ?? 0,
    ...(reason !== undefined && { reason }),
    ...(update !== undefined && { update: withoutCrashes(update) }),
    ...linksOf(links),
    report: told(report),
  }
}

function withoutCrashes({ crashes: _, ...rest }: NonNullable<Notification['update']>): object {
  return rest
}

/** Those that there are. */
function linksOf({ link, reportLink, executableLink, symbolsLink }: Parameters<typeof linksIn>[0]): object {
  const links = Object.entries({
    core: link,
    report: reportLink,
    executable: executableLink,
    symbols: symbolsLink,
  })
  const there = links.filter(([, url]) => url != null)
  return there.length === 0 ? {} : { links: Object.fromEntries(there) }
}

/** All stacks are in the stored report; what a command line holds is nobody's else. */
function told(report: CrashReport): CrashReport {
  const { process, ...rest } = withoutThreads(report)
  if (process === undefined) return rest
  const { arguments: _, ...shown } = process
  return { ...rest, process: shown }
}
