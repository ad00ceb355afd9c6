import { messageOf, OperatorError } from '../crash/errors.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Notice } from '../notify/notice.ts'
import type { Crash } from './describe.ts'

/** What to tell of a crash whose core is kept. */
export function keptNotice(crash: Crash, report: CrashReport, link: string | null): Notice {
  const suffix = /core(\.[a-z]+)?$/.exec(report.core?.key ?? '')?.[1] ?? ''
  const outcome = report.core?.complete === true ? 'stored' : 'incomplete'
  return { outcome, report, link, corefilePath: corefilePath(crash, suffix), ...origin(crash) }
}

/** What to tell of a crash whose core is lost because of `cause`. */
export function lostNotice(crash: Crash, report: CrashReport, cause: unknown): Notice {
  const hint = cause instanceof OperatorError ? { hint: cause.hint } : {}
  return {
    outcome: 'lost',
    report,
    link: null,
    corefilePath: corefilePath(crash, ''),
    ...origin(crash),
    reason: messageOf(cause),
    ...hint,
  }
}

/** What to tell of a crash whose core is not kept because of `reason`, once it is known how many there were. */
export function suppressedNotice(crash: Crash, report: CrashReport, reason: string): Notice {
  return {
    outcome: 'suppressed',
    report,
    link: null,
    corefilePath: corefilePath(crash, ''),
    ...origin(crash),
    reason,
  }
}

function origin({ file }: Crash): Pick<Notice, 'fromFile'> {
  return file === undefined ? {} : { fromFile: true }
}

/** The name that the original CoreDog's users filter by: `core.%e.%p.%h.%t`, in a folder of its container. */
function corefilePath({ args, time, observed, identity, node, file: lies }: Crash, suffix: string): string {
  if (lies !== undefined) return lies.corefilePath
  const pod = identity?.kind === 'container' ? identity.pod : null
  const container = identity?.kind === 'container' ? identity.container?.name : undefined
  const pid = observed.namespacedPid ?? args.pid
  const seconds = Math.floor(time.getTime() / 1000)
  const file = `core.${args.comm}.${pid}.${pod?.name ?? node.name}.${seconds}${suffix}`.replaceAll('/', '!')
  return [
    '/corefile',
    ...(pod === null ? [] : [pod.namespace, pod.name, (container ?? 'pause') || 'unknown']),
    file,
  ].join('/')
}
