import { isGoRuntime, isOfGo } from './common-functions.ts'
import { comesFromOutside } from './fingerprint.ts'
import { codeOf, hashOf, offsetOf } from './frame-key.ts'
import { framesOfCause, specificFrames } from './own-frames.ts'
import type { ReasonCode } from './reason-code.ts'
import { cycleIn, withoutRepeats } from './recursion.ts'
import type { StackFrame } from './stack-frame.ts'

const SITE_FRAMES = 16
/** More are not looked at; a stack that is full has thousands. */
const MOST_FRAMES = 128

/** A stack, and how far it can be believed. */
export interface WalkedStack {
  /** Of them no more need to have a name than those of Go. */
  readonly frames: readonly StackFrame[]
  /** Whether it was followed to where its thread began, or as far as stacks are followed. */
  readonly isWhole: boolean
  /**
   * Whether its first instruction is itself what went wrong, in code that is not the same in all programs:
   * {@link isFault}, and no program that holds its libc. A program that gives up does so where all others do.
   */
  readonly isAtFault: boolean
  readonly reason?: ReasonCode
}

/**
 * Where it crashed, from what is known without the symbols of the program: build id and offset of the first
 * sixteen frames outside of code that every program calls. It decides whether a core is kept, so two bugs never
 * have the same one, while a bug may have several. `null`: it cannot be told. All frames are in such code, the
 * build is not known, where it was says nothing of why, or the stack was lost before it had led out of what all
 * bugs of a program may have in common.
 */
export function siteOf({ frames, isWhole, isAtFault, reason }: WalkedStack): string | null {
  if (comesFromOutside(reason) || reason === 'hardware-error' || reason === 'other') return null
  const looked = frames.slice(0, MOST_FRAMES)
  const ofCause = framesOfCause(looked, reason)
  const certain = certainOf(looked, isAtFault)
  const specific = specificFrames(ofCause.filter(frame => certain.has(frame)))
  const isFollowed =
    ofCause.every(frame => certain.has(frame)) && (isWhole || ofCause.at(-1) !== looked.at(-1))
  const startsThere = isAtFault && specific[0] === looked[0]
  if (specific[0]?.buildId == null) return null
  if (!startsThere && !isFollowed && specific.length < SITE_FRAMES) return null
  const keys = specific.map(frame => `${codeOf(frame)}\n${offsetOf(frame)}`)
  const cycle = reason === 'stack-overflow' ? cycleIn(keys) : null
  return hashOf('site', (cycle ?? withoutRepeats(keys)).slice(0, SITE_FRAMES))
}

/**
 * Those before the first that may not be what called the one before it. A frame pointer leads past the
 * function that crashed, unless all functions keep it, as those of Go do: so two bugs in one function would be
 * one. That does no harm where the crashed instruction tells them apart; nor does a guess within Go's runtime, by
 * which all panics go, and which leaves the frame pointer as it is.
 */
function certainOf(frames: readonly StackFrame[], isAtFault: boolean): ReadonlySet<StackFrame> {
  const go = new Set(frames.filter(isGoFrame).map(({ module }) => module))
  const doubtful = frames.findIndex((frame, at) => {
    const { trust } = frame
    if (trust === 'scan') return !isOfRuntime(frame) || !isOfRuntime(frames[at - 1])
    if (trust !== 'fp') return false
    return !isAtFault && !go.has(frames[at - 1]?.module ?? '')
  })
  return new Set(doubtful === -1 ? frames : frames.slice(0, doubtful))
}

function isOfRuntime(frame: StackFrame | undefined): boolean {
  return frame?.functionName != null && isGoRuntime(frame.functionName)
}

function isGoFrame({ functionName }: StackFrame): boolean {
  return functionName !== null && isOfGo(functionName)
}
