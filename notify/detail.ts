import type { Detail } from '../config/config.ts'
import { present } from '../crash/present.ts'
import type { CrashReport, ReportCrash } from '../crash/report.ts'
import type { Notification } from './notification.ts'

/**
 * `notification` with no more in it than people in chats are to read. `frames`: nothing that the program itself
 * said. `names`: also no stack, and no address. What a report may hold in a later release is left out until it
 * is named here.
 */
export function withDetail(notification: Notification, detail: Detail = 'full'): Notification {
  if (detail === 'full') return notification
  const { lastLines: _, ...told } = notification
  return { ...told, report: CUTS[detail](notification.report) }
}

const CUTS: Readonly<Record<Exclude<Detail, 'full'>, (report: CrashReport) => CrashReport>> = {
  frames: report => withCrash(report, report.crash && { ...wordless(report.crash), ...placed(report.crash) }),
  names: report => unaddressed(withCrash(report, report.crash && wordless(report.crash))),
}

function withCrash({ crash: _, threads: _threads, ...rest }: CrashReport, crash: ReportCrash | undefined) {
  return crash === undefined ? rest : { ...rest, crash }
}

/** Which crash it is, and why in words of ours: the reason in a report may quote the program. */
function wordless({ signature, reasonCode, fingerprint, group }: ReportCrash): ReportCrash {
  const reason = Object.hasOwn(REASONS, reasonCode ?? '') ? REASONS[reasonCode ?? ''] : undefined
  return present({ signature, reasonCode, fingerprint, group, reason })
}

function placed({ module, offset, address, buildId, site, frames, interpreterFrames }: ReportCrash) {
  return present({ module, offset, address, buildId, site, frames, interpreterFrames })
}

/** A pointer that was overwritten may hold what it was overwritten with. */
function unaddressed({ signal, ...rest }: CrashReport): CrashReport {
  if (signal === undefined) return rest
  const { number, name, code, call } = signal
  return { ...rest, signal: present({ number, name, code, call }) }
}

/** What `crash.reasonCode` says in any case, without a word of the program, a name or an address. */
const REASONS: Readonly<Record<string, string>> = {
  'null-pointer': 'use of a null pointer',
  'null-call': 'call through a null pointer',
  'wild-call': 'call through a corrupt pointer, or return over an overwritten stack',
  'stack-overflow': 'stack overflow',
  'read-only-write': 'write to read-only memory',
  'bad-address': 'access to memory that the process may not access',
  'no-code': 'jump to memory that is no code',
  'memory-tag': 'access through a pointer with a wrong memory tag',
  'division-by-zero': 'division by zero',
  arithmetic: 'arithmetic error',
  'illegal-instruction': 'illegal instruction',
  'bus-error': 'misaligned access, or access to memory that cannot be had',
  'truncated-mapping': 'access to a mapped file behind its end',
  'hardware-error': 'memory of the machine is damaged',
  killed: 'ended by a signal from another process',
  raised: 'raised by the program itself',
  timer: 'ended by a timer of the program',
  abort: 'aborted by the program itself',
  exception: 'an exception that nothing caught',
  panic: 'a panic that nothing caught',
  trap: 'trap instruction (a failed check)',
  'bad-syscall': 'a system call that the process may not make',
  'cpu-limit': 'used more CPU time than its limit allows (RLIMIT_CPU or RLIMIT_RTTIME)',
  'file-size-limit': 'wrote a file beyond the limit of its size (RLIMIT_FSIZE)',
}
