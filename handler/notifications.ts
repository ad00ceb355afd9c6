import { corefilePathOf } from '../crash/corefile-path.ts'
import { reasonOf } from '../crash/errors.ts'
import { ownerOf } from '../crash/identity.ts'
import { type CrashReport, withoutThreads } from '../crash/report.ts'
import type { CrashLinks } from '../notify/crash-links.ts'
import type { Notification } from '../notify/notification.ts'
import type { Capture } from './capture.ts'

/** What to tell of a crash whose core is kept. */
export function keptNotification(capture: Capture, report: CrashReport, links: CrashLinks): Notification {
  const suffix = /core(\.[a-z]+)?$/.exec(report.core?.key ?? '')?.[1] ?? ''
  const outcome = report.core?.complete === true ? 'stored' : 'incomplete'
  return {
    outcome,
    report: withoutThreads(report),
    ...links,
    corefilePath: corefilePath(capture, suffix),
    ...origin(capture),
  }
}

/** What to tell of a crash whose core is lost because of `cause`. */
export function lostNotification(capture: Capture, report: CrashReport, cause: unknown): Notification {
  return {
    outcome: 'lost',
    report: withoutThreads(report),
    link: null,
    corefilePath: corefilePath(capture, ''),
    ...origin(capture),
    ...reasonOf(cause),
  }
}

/**
 * What to tell of a crash whose core is not kept because of `reason`, once it is known how many there were.
 */
export function suppressedNotification(capture: Capture, report: CrashReport, reason: string): Notification {
  return {
    outcome: 'suppressed',
    report: withoutThreads(report),
    link: null,
    corefilePath: corefilePath(capture, ''),
    ...origin(capture),
    reason,
  }
}

function origin({ file }: Capture): Pick<Notification, 'fromFile'> {
  return file === undefined ? {} : { fromFile: true }
}

/** Where the original CoreDog would have found it. */
function corefilePath({ args, time, observed, identity, node, file: lies }: Capture, suffix: string): string {
  if (lies !== undefined) return lies.corefilePath
  const pid = observed.namespacedPid ?? args.pid
  return corefilePathOf(ownerOf(identity, node.name), { pid, comm: args.comm, time }, suffix)
}
