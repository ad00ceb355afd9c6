import { type Fields, fieldsIn, fieldsOf, isFields } from '../../crash/fields.ts'
import { present } from '../../crash/present.ts'
import type { CrashReport } from '../../crash/report.ts'

/** One line of the handler's log. What it says beside `msg` depends on it, and may be absent. */
export interface HandlerLogEntry {
  readonly msg: string
  /** RFC 3339, UTC. */
  readonly time?: string
  readonly [field: string]: unknown
}

/** Messages that end a crash's journey. */
type CrashOutcome = 'stored' | 'incomplete' | 'suppressed' | 'lost' | 'skipped' | 'forwarded'

/** What one line says of one crash, read with care: it went through a file. */
export interface LoggedCrash {
  readonly outcome: CrashOutcome
  readonly time?: string
  readonly namespace?: string
  readonly pod?: string
  readonly container?: string
  readonly comm?: string
  readonly signal?: number
  /** Why it was skipped or lost, or its core is not whole. */
  readonly reason?: string
  readonly hint?: string
  /** Of crashes that were kept. */
  readonly report?: CrashReport
}

/** A JSON object with a message; `null` for anything else. */
export function parseHandlerLogLine(line: string): HandlerLogEntry | null {
  const found = fieldsIn(line) ?? fieldsIn(line.slice(Math.max(0, line.lastIndexOf('{"level":'))))
  return found !== null && typeof found.msg === 'string' ? (found as HandlerLogEntry) : null
}

/** The crash that a line is the outcome of; `null` for lines about other things. */
export function crashIn(entry: HandlerLogEntry): LoggedCrash | null {
  switch (entry.msg) {
    case 'crash stored':
      return reportedCrash(entry, reportOf(entry)?.core?.complete === false ? 'incomplete' : 'stored')
    case 'crash suppressed':
      return reportedCrash(entry, 'suppressed')
    case 'crash lost':
      return { ...whose(entry, reportOf(entry)), outcome: 'lost', ...why(fieldsOf(entry.err)) }
    case 'crash skipped':
      return { ...whose(entry, null), outcome: 'skipped', ...why(entry) }
    case 'crash forwarded':
      return { ...whose(entry, null), outcome: 'forwarded' }
    default:
      return null
  }
}

function reportedCrash(entry: HandlerLogEntry, outcome: CrashOutcome): LoggedCrash {
  const report = reportOf(entry)
  return {
    ...whose(entry, report),
    outcome,
    ...present({ reason: textOf(report?.core?.incompleteReason), report: report ?? undefined }),
  }
}

type Whose = Omit<LoggedCrash, 'outcome' | 'reason' | 'hint' | 'report'>

/** A report says it in full; a crash that left none was named by a few fields of the line. */
function whose(entry: HandlerLogEntry, report: CrashReport | null): Whose {
  return present({
    time: textOf(entry.time),
    namespace: textOf(report?.pod?.namespace ?? entry.namespace),
    pod: textOf(report?.pod?.name ?? entry.pod),
    container: textOf(report?.container?.name ?? entry.container),
    comm: textOf(report?.process?.comm ?? entry.comm),
    signal: numberOf(report?.signal?.number ?? entry.signal),
  })
}

function why(from: Fields): { reason?: string; hint?: string } {
  return present({ reason: textOf(from.reason ?? from.message), hint: textOf(from.hint) })
}

/** The report in a line, which went through a file: each part that we look into is an object, or gone. */
export function reportOf({ report }: HandlerLogEntry): CrashReport | null {
  if (!isFields(report)) return null
  const parts = ['node', 'pod', 'container', 'process', 'signal', 'crash', 'core', 'timing']
  const broken = parts.filter(part => !isFields(report[part]))
  return Object.fromEntries(
    Object.entries(report).filter(([key]) => !broken.includes(key)),
  ) as unknown as CrashReport
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
