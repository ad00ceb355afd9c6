import { mayBePython } from '../crash/python-path.ts'
import type { ReportCrash, ReportFrame, ReportInterpreterFrame } from '../crash/report.ts'
import { countFrames, runsOf, type ShownFrame } from './shown-frame.ts'

const MOST_NATIVE = 2
const MOST_INTERPRETED = 4

/**
 * What a program of an interpreter did last: the native code that it called, and then, in the place of the frames of
 * the interpreter itself, those of what that ran.
 */
export function interpretedFrames(
  native: readonly ReportFrame[],
  interpreted: Required<ReportCrash>['interpreterFrames'],
): { readonly frames: readonly ShownFrame[]; readonly more: number } {
  const called = runsOf(fromOwn(calledByInterpreter(native))).slice(0, MOST_NATIVE)
  const behind = fromOwn(interpreted)
  const shown = chosen(behind)
  return { frames: [...called, ...shown], more: behind.length - countFrames(shown) }
}

/** From what the program's own code called last. */
function fromOwn<Frame extends Pick<ReportFrame, 'own'>>(frames: readonly Frame[]): readonly Frame[] {
  return frames.slice(Math.max(0, frames.findIndex(({ own }) => own === true) - 1))
}

/** Of a crash in the interpreter itself that is one frame; what it compiled is in no file. */
function calledByInterpreter(native: readonly ReportFrame[]): readonly ReportFrame[] {
  const interpreter = native.findIndex(({ module }) => module === undefined || isInterpreter(module))
  const least = native[0]?.module === undefined ? 0 : 1
  return interpreter === -1 ? native.slice(0, MOST_NATIVE) : native.slice(0, Math.max(interpreter, least))
}

function isInterpreter(module: string): boolean {
  return mayBePython(module) || module.endsWith('/libjvm.so')
}

/** A way to code of the program that leads through packages may be long: then its first own one stands last. */
function chosen(frames: readonly ReportInterpreterFrame[]): readonly ShownFrame[] {
  const runs = runsOf(frames)
  const head = runs.slice(0, MOST_INTERPRETED)
  const headFrames = frames.slice(0, countFrames(head))
  if (runs.length <= MOST_INTERPRETED || headFrames.some(isOfProgram)) return head
  const own = frames.find(isOfProgram)
  if (own === undefined) return head
  const [shown] = runsOf([own])
  return shown === undefined ? head : [...head.slice(0, -1), { ...shown, text: `… ${shown.text}` }]
}

const PACKAGES = /\/(?:site|dist)-packages\//

function isOfProgram({ own, file = '' }: ReportInterpreterFrame): boolean {
  return own === true && !PACKAGES.test(file)
}
