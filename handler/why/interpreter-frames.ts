import type { Memory } from '../../crash/image/memory.ts'
import { isOwnPythonFile } from '../../crash/own-python-file.ts'
import { pythonFrames } from '../../crash/python/frames.ts'
import type { ReportCrash } from '../../crash/report.ts'
import { certainFrames } from '../../crash/why/own-frames.ts'
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

/** Behind it stands what the interpreter ran: how its own stack begins says nothing of that. */
const OF_INTERPRETER: StackFrame = {
  functionName: null,
  module: '',
  buildId: null,
  offset: 0n,
  trust: 'cfi',
}

/** As crashes are told apart: where what an interpreter ran is known, nothing is guessed. */
export function comparedStack(
  native: readonly StackFrame[],
  interpreted: Pick<ReportCrash, 'interpreterFrames'>,
): readonly StackFrame[] {
  const calls = comparedCalls(interpreted)
  return calls.length === 0 ? native : [...certainFrames(native), OF_INTERPRETER, ...calls]
}

/** The program's own of them, as crashes are told apart by them: a line stands in the place of an address. */
function comparedCalls({
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
