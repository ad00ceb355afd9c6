import type { Memory } from '../../crash/image/memory.ts'
import { isOwnPythonFile } from '../../crash/own-python-file.ts'
import { pythonFrames } from '../../crash/python/frames.ts'
import type { ReportCrash } from '../../crash/report.ts'
import type { StackFrame } from '../../crash/why/stack-frame.ts'
import type { Evidence } from './evidence.ts'

/** What an interpreter was running in the thread that crashed. */
export function interpreterFramesOf(
  { python }: Evidence,
  memory: Memory,
): Pick<ReportCrash, 'interpreterFrames'> {
  const frames = python === undefined ? [] : pythonFrames(memory, python)
  if (frames.length === 0) return {}
  return {
    interpreterFrames: frames.map(frame => ({
      ...frame,
      ...(frame.file !== undefined && { own: isOwnPythonFile(frame.file) }),
    })),
  }
}

/** The program's own of them, as crashes are told apart by them: a line stands in the place of an address. */
export function comparedCalls({
  interpreterFrames = [],
}: Pick<ReportCrash, 'interpreterFrames'>): readonly StackFrame[] {
  return interpreterFrames
    .filter(({ own }) => own === true)
    .map(({ function: name, file = '', line = 0 }) => ({
      functionName: name ?? null,
      module: file,
      buildId: null,
      offset: BigInt(line),
      trust: 'cfi',
    }))
}
