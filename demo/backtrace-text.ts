import type { CrashReport } from '../crash/report.ts'
import { textOf } from '../notify/shown-frame.ts'

/** All frames of the crashed thread, a line each, as a debugger has them: `  #0  total  victim.c:7`. */
export function backtraceText({ crash }: CrashReport): string {
  const frames = crash?.frames ?? []
  if (frames.length === 0) return '  none could be found of this program'
  const rows = frames.map(frame => textOf(frame).split('  '))
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows
    .map(([name = '', place = ''], at) => `  #${at}  ${name.padEnd(width)}  ${place}`.trimEnd())
    .join('\n')
}
