import { isCommonCode } from '../common-code.ts'
import { isCommonFunction, isGoLibrary, isGoRuntime, isOfGo } from './common-functions.ts'
import type { ReasonCode } from './reason-code.ts'
import type { StackFrame } from './stack-frame.ts'

/**
 * The frames of the program's own code, in their order: without libc and the loader, the libraries of the
 * language, what raises a signal, an exception or a panic, and what begins a thread; without code that lies in
 * no file, which is elsewhere the next time.
 */
export function ownFrames<Frame extends StackFrame>(frames: readonly Frame[]): readonly Frame[] {
  const go = goModules(frames)
  return specificFrames(frames).filter(({ functionName, module }) => {
    if (functionName === null) return true
    return go.has(module) ? !isGoLibrary(functionName) : !isCommonFunction(functionName)
  })
}

/** Those outside of code that all programs have, as far as that is known without symbols, but for Go's. */
export function specificFrames<Frame extends StackFrame>(frames: readonly Frame[]): readonly Frame[] {
  const go = goModules(frames)
  return frames.filter(({ functionName, module }) => {
    if (!module.startsWith('/') || isCommonCode(module)) return false
    return !go.has(module) || functionName === null || !isGoRuntime(functionName)
  })
}

function goModules(frames: readonly StackFrame[]): ReadonlySet<string> {
  return new Set(
    frames
      .filter(({ functionName }) => functionName !== null && isOfGo(functionName))
      .map(({ module }) => module),
  )
}

/** As many as are certain: what follows a guess is none that can be counted on. */
export function certainFrames<Frame extends StackFrame>(frames: readonly Frame[]): readonly Frame[] {
  const guess = frames.findIndex(({ trust }) => trust === 'scan')
  return guess === -1 ? frames : frames.slice(0, guess)
}

/**
 * Those of what went wrong, where a signal's handler is among the frames: of a handler that raised what it had
 * caught, what the signal interrupted; of one that crashed itself, its own, for it may have interrupted
 * anything. Of one that gave up it is not known which it was.
 */
export function framesOfCause<Frame extends StackFrame>(
  frames: readonly Frame[],
  reason: ReasonCode | undefined,
): readonly Frame[] {
  // What was inlined into the first frame is as certain as that; a signal's own frame is not.
  const handler = frames.findIndex(({ trust }) => trust !== 'context')
  const interrupted = frames.findIndex(({ trust }, index) => index > handler && trust === 'context')
  if (handler === -1 || interrupted === -1 || reason === undefined || GIVEN_UP.includes(reason)) return frames
  return reason === 'raised' ? frames.slice(interrupted) : frames.slice(0, interrupted)
}

const GIVEN_UP: readonly ReasonCode[] = ['abort', 'exception', 'panic', 'killed', 'other']

/** Whether it ended where all programs end themselves, and not where something went wrong. */
export function hasGivenUp(reason: ReasonCode | undefined): boolean {
  return reason !== undefined && (reason === 'raised' || GIVEN_UP.includes(reason))
}
