import { plainModuleName } from '../common-code.ts'
import { signalName } from '../signal.ts'
import { calledName } from './common-functions.ts'
import { codeOf, hashOf, offsetOf } from './frame-key.ts'
import { certainFrames, framesOfCause, hasGivenUp, ownFrames } from './own-frames.ts'
import { plainName } from './plain-name.ts'
import type { ReasonCode } from './reason-code.ts'
import { cycleIn, withoutRepeats } from './recursion.ts'
import type { StackFrame } from './stack-frame.ts'

const OWN_FRAMES = 5
/** More would make one bug of a function two for each place that its callers are called from. */
const PLACED_FRAMES = 2
/** More are not looked at; a stack that is full has thousands. */
const MOST_FRAMES = 128

/** What a crash is counted by, besides its frames. */
export interface Crashed {
  /** What the pod belongs to, and the container; the node's own processes have other words there. */
  readonly workload: string
  readonly container: string
  readonly signal: number
  readonly reason?: ReasonCode
}

export interface Fingerprint {
  /** The same bug in the same build. */
  readonly fingerprint: string
  /** The same over builds, as far as functions have names. */
  readonly group: string
}

/**
 * What crashes of the same bug have in common: workload, container, class of the signal, and the first five
 * frames of the program's own by name; of the first of them also what of the language or of libc it called,
 * and in the same build where it was, for one function may have two bugs, and from where that was called, for an
 * optimiser moves what differs into the caller. `null`: there is no such frame, or none that can be told from others,
 * or where it was says nothing of why.
 */
export function fingerprintOf(crashed: Crashed, frames: readonly StackFrame[]): Fingerprint | null {
  const { workload, container, signal, reason } = crashed
  const own = relevant(frames, reason, ownFrames)
  const [first] = own
  if (first === undefined || (first.functionName === null && first.buildId === null)) return null
  if (comesFromOutside(reason)) return null
  const beginning = [workload, container, signalClass(signal, reason)]
  const isNamed = own.slice(0, OWN_FRAMES).some(({ functionName }) => functionName !== null)
  const places = own.slice(0, PLACED_FRAMES).map(offsetOf).join('\n')
  const inBuild = [...beginning, ...keysOf(own, keyInBuild, places, reason)]
  const overBuilds = [...beginning, ...keysOf(own, keyOverBuilds, calledBy(first, frames), reason)]
  return {
    fingerprint: `v2:${hashOf('fingerprint', inBuild)}`,
    group: `v2:${hashOf('group', isNamed ? overBuilds : inBuild)}`,
  }
}

type KeyOf = (frame: StackFrame) => string

/** `detail` is of the first frame. Of endless recursion any may be the first. */
function keysOf(
  own: readonly StackFrame[],
  keyOf: KeyOf,
  detail: string,
  reason?: ReasonCode,
): readonly string[] {
  const keys = own.map(keyOf)
  const cycle = reason === 'stack-overflow' ? cycleIn(keys) : null
  return cycle?.slice(0, OWN_FRAMES) ?? [detail, ...withoutRepeats(keys).slice(0, OWN_FRAMES)]
}

/** A process that is killed is anywhere. */
export function comesFromOutside(reason: ReasonCode | undefined): boolean {
  return reason === 'killed' || reason === 'timer' || reason === 'cpu-limit'
}

/** Signals that one bug may end by, on another processor or as the first process of a container. */
export function signalClass(signal: number, reason?: ReasonCode): string {
  if (reason === 'abort') return 'abort'
  return CLASSES[signalName(signal)] ?? signalName(signal)
}

const CLASSES: Readonly<Record<string, string>> = {
  SIGSEGV: 'memory',
  SIGBUS: 'memory',
  SIGILL: 'instruction',
  SIGTRAP: 'instruction',
  SIGFPE: 'arithmetic',
  SIGABRT: 'abort',
}

type Selection = (frames: readonly StackFrame[]) => readonly StackFrame[]

/**
 * Of the certain frames of what went wrong; where there is none of them, of all. Where a program gives up, and
 * nothing but that is certain, as with musl's libc, it would be the same for all bugs.
 */
function relevant(
  frames: readonly StackFrame[],
  reason: ReasonCode | undefined,
  select: Selection,
): readonly StackFrame[] {
  const looked = frames.slice(0, MOST_FRAMES)
  const ofCause = framesOfCause(looked, reason)
  const certain = certainFrames(ofCause)
  const saysNothing = certain.length === 1 && hasGivenUp(reason)
  for (const some of [saysNothing ? [] : certain, ofCause, certainFrames(looked)]) {
    const selected = select(some)
    if (selected.length > 0) return selected
  }
  return select(looked)
}

function keyInBuild(frame: StackFrame): string {
  return `${codeOf(frame)}\n${frame.functionName ?? offsetOf(frame)}`
}

function keyOverBuilds({ functionName, module }: StackFrame): string {
  return `${plainModuleName(module)}\n${functionName === null ? '' : plainName(functionName)}`
}

/** What of libc or the language's library it called; empty where it called none. */
function calledBy(frame: StackFrame, frames: readonly StackFrame[]): string {
  const name = frame.trust === 'context' ? null : frames[frames.indexOf(frame) - 1]?.functionName
  return name == null ? '' : calledName(name)
}
