import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import type { DebuggerName } from './debugger.ts'

/** Deeper than that nobody means the place of the crash. */
const DEEPEST = 64

const SELECT: Readonly<Record<DebuggerName, (level: number) => readonly string[]>> = {
  // Of a reference it says three dots else, and of all frames it would say too much.
  gdb: level =>
    ['set print frame-arguments all', `frame ${level}`, 'set print frame-arguments scalars'].flatMap(
      command => ['-ex', command],
    ),
  lldb: level => ['-o', `frame select ${level}`],
}

/**
 * What the debugger is to show first: the program's own code that was called last, and not what of a library it called.
 * By its number alone: a name is a tenant's, and debuggers evaluate names.
 */
export function firstLook(name: DebuggerName, report: CrashReport | null): readonly string[] {
  const level = ownLevel(report)
  return level > 0 ? SELECT[name](level) : []
}

/** The file of its source, as its debug information calls it; `null`: it is not known. */
export function sourceOf(report: CrashReport | null): string | null {
  return report?.crash?.frames?.[ownLevel(report)]?.file ?? null
}

/** -1: there is none, or what is above it may be no frame. */
function ownLevel(report: CrashReport | null): number {
  const frames = report?.crash?.frames ?? []
  const level = frames.findIndex(({ own }) => own === true)
  return level < DEEPEST && frames.slice(0, level + 1).every(isSure) ? level : -1
}

function isSure({ trust }: ReportFrame): boolean {
  return trust !== 'scan'
}
