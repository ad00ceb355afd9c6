import type { Memory } from '../../crash/image/memory.ts'
import type { ReportFirstCause } from '../../crash/report.ts'
import { shownSignal } from '../../crash/shown-signal.ts'
import { signalName } from '../../crash/signal.ts'
import type { SignalInfo } from '../../crash/signal-info.ts'
import { deliveredSignal } from '../../crash/unwind/delivered-signal.ts'
import type { Frame } from '../../crash/unwind/walk.ts'
import type { FirstReason } from '../../crash/why/behind-handler.ts'
import { errorCaught } from '../../crash/why/caught-signal.ts'
import { type Evidence, reasonOf } from '../../crash/why/reason.ts'
import { type NamedFrame, type Stack, shownFrames } from './frame-names.ts'

/** What a handler of the program had caught, and what that had interrupted. */
export interface FirstCause extends FirstReason {
  readonly info: SignalInfo
  readonly frames: readonly NamedFrame[]
}

const CODE_BYTES = 16
const SYSTEM_CALLS = ['0f05', '010000d4']

/**
 * The first error of those whose handlers are on the stack of the crashing thread. `null`: none is, or what it
 * was cannot be told.
 *
 * @param known What is known of the signal that ended the process in the end.
 */
export function firstCause(stack: Stack, known: Evidence, memory: Memory): FirstCause | null {
  for (let index = stack.length - 2; index >= 0; index -= 1) {
    const frame = stack[index]?.walked
    const found = frame?.isSignalFrame ? errorAt(frame, known, memory) : null
    if (found !== null) return { ...found, frames: stack.slice(index + 1).flatMap(({ named }) => named) }
  }
  return null
}

function errorAt(frame: Frame, known: Evidence, memory: Memory): Omit<FirstCause, 'frames'> | null {
  const delivered = deliveredSignal(frame, memory)
  if (delivered === null) return null
  const { instruction, stackPointer } = delivered.interrupted
  const isAtSystemCall = SYSTEM_CALLS.some(hex => {
    const call = Buffer.from(hex, 'hex')
    return memory.read(instruction - BigInt(call.length), call.length)?.equals(call) ?? false
  })
  const info = errorCaught({ ...delivered, instruction, isAtSystemCall }, known.signal)
  if (info === null) return null
  const { code: _, isAtEntry: _entry, call: _call, sender: _sender, ...rest } = known
  const code = memory.read(instruction, CODE_BYTES)
  const { sentence, code: kind } = reasonOf({
    ...rest,
    signal: info.number,
    info,
    instruction,
    stackPointer,
    ...(code && { code }),
  })
  // Of what had been caught before that, nothing is on the stack.
  const said = kind === 'raised' ? `${signalName(info.number)} raised by the program itself` : sentence
  return { signal: info.number, info, sentence: said, code: kind }
}

/** As the report has it. */
export function shownCause({ info, frames }: FirstCause): ReportFirstCause {
  return { signal: shownSignal(info), frames: shownFrames(frames) }
}
