import type { CrashReport, ReportFrame, ReportInterpreterFrame } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import { backtraceLines } from './backtrace.ts'
import type { Language } from './language/language.ts'
import { reasonLines } from './reason-lines.ts'
import { runsOf } from './shown-frame.ts'

const LONGEST_NAME = 64

/** Why it crashed, and all frames of all threads, the crashing one first: for a terminal, not for a chat. */
export function stackLines(report: CrashReport, language: Language): readonly string[] {
  const { crash, threads = [] } = report
  return paragraphs([
    reasonLines(report, language),
    stack(crashedThread(report), crash?.frames, language),
    stack(`${crash?.runtime?.name ?? 'Interpreter'}:`, crash?.interpreterFrames, language),
    stack('First cause:', crash?.firstCause?.frames, language),
    ...threads.map(({ tid, name, frames }) => stack(threadTitle(tid, name, ':'), frames, language)),
  ])
}

function crashedThread({ process }: CrashReport): string {
  return threadTitle(process?.namespacedThreadId ?? process?.threadId, process?.comm, ', which crashed:')
}

function threadTitle(tid: number | undefined, name: string | undefined, end: string): string {
  return ['Thread', tid, name === undefined ? undefined : `"${name}"`]
    .filter(part => part !== undefined)
    .join(' ')
    .concat(end)
}

function stack(
  title: string,
  frames: readonly (ReportFrame | ReportInterpreterFrame)[] | undefined,
  language: Language,
): readonly string[] {
  if (frames === undefined || frames.length === 0) return []
  return [plain(title, 2 * LONGEST_NAME), ...backtraceLines({ frames: runsOf(frames), more: 0 }, language)]
}

/** An empty line stands between them. */
function paragraphs(all: readonly (readonly string[])[]): readonly string[] {
  return all.filter(lines => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))
}
