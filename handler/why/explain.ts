import { constants } from 'node:os'
import { type Machine, machineOf } from '../../crash/image/elf-image.ts'
import type { Memory } from '../../crash/image/memory.ts'
import type { CrashReport, ReportCrash } from '../../crash/report.ts'
import { demangled } from '../../crash/symbols/demangle.ts'
import { registersIn } from '../../crash/unwind/registers.ts'
import { walk } from '../../crash/unwind/walk.ts'
import { isEndOfHandler, reasonBehindHandler } from '../../crash/why/behind-handler.ts'
import { fingerprintOf } from '../../crash/why/fingerprint.ts'
import { livePanic } from '../../crash/why/live-panic.ts'
import { type Evidence as Known, reasonOf } from '../../crash/why/reason.ts'
import { messageOfRustPanic } from '../../crash/why/rust-reason.ts'
import { compiledNames } from './compiled-names.ts'
import { type CrashedProcess, EXPLANATION_BYTES, filesOf } from './crashed-process.ts'
import type { Evidence } from './evidence.ts'
import { firstCause, shownCause } from './first-cause.ts'
import type { FirstLook } from './first-look.ts'
import { comparedFrames, FrameNames, type NamedFrame, type Stack, shownFrames } from './frame-names.ts'
import { comparedStack } from './interpreter-frames.ts'
import { knownRuntime } from './known-runtime.ts'
import { ProcessMemory } from './process-memory.ts'
import { type RuntimeSaid, runtimeSaid } from './runtime-said.ts'
import { shownSender } from './shown-sender.ts'
import { shownThreads } from './shown-threads.ts'
import { thrownIn } from './thrown.ts'
import { whatIsKnown } from './what-is-known.ts'

/** What is added to a report. */
export interface Explanation extends Pick<CrashReport, 'threads'> {
  readonly crash: Omit<ReportCrash, 'signature' | 'module' | 'offset' | 'address' | 'buildId' | 'unexplained'>
}

const { SIGABRT } = constants.signals
const MOST_FRAMES = { crashed: 64, others: 16 }
/** Of all frames together, of which one may have ten times as many: a report has room for a MiB. */
const MOST_INLINED_A_FRAME = 3

/**
 * Why a process crashed, from what was taken of it: first what needs no symbols, so that it is not lost where a
 * table of those takes too long, and then all. Files are read as far as names need it.
 */
export function* explanations(evidence: Evidence, first: FirstLook): Generator<Explanation> {
  const { modules, room } = first.process
  room.add(EXPLANATION_BYTES)
  const process = { modules, room, memory: new ProcessMemory(evidence.pieces, modules) }
  const known = { first, process, ...runtimeSaid(evidence, process.memory) }
  yield explainBriefly(evidence, known)
  yield explain(evidence, known)
}

interface KnownBefore extends RuntimeSaid {
  readonly first: FirstLook
  readonly process: CrashedProcess
}

function explainBriefly(
  evidence: Evidence,
  { first: { site }, process: { memory }, ofJvm, message, interpreted }: KnownBefore,
): Explanation {
  const reason = reasonOf({ ...whatIsKnown(evidence, machineOf(evidence.machine), memory), ...message })
  const why = { reason: reason.sentence, reasonCode: reason.code, ...shownSender(evidence) }
  return { crash: { ...why, ...ofJvm, ...message, ...interpreted, ...(site !== null && { site }) } }
}

function explain(
  evidence: Evidence,
  { first: { site }, process, ofJvm, message, interpreted }: KnownBefore,
): Explanation {
  const machine = machineOf(evidence.machine)
  const [crashed = NO_STACK, ...others] = machine === null ? [] : stacksOf(evidence, machine, process)
  const frames = crashed.flatMap(({ named }) => named)
  const compared = comparedFrames(frames)
  const thrown = machine === null ? {} : thrownOver(crashed, evidence, machine, process.memory)
  const known = { ...whatIsKnown(evidence, machine, process.memory), ...message }
  const said = {
    ...(thrown.rustPanic && { abortMessage: messageOfRustPanic(thrown.rustPanic) }),
    ...message,
  }
  const last = reasonOf({ ...known, ...thrown, functions: namesOf(compared) })
  const first = firstCause(crashed, known, process.memory)
  const reason = first === null ? last : reasonBehindHandler(last, evidence.signal, first)
  const why = { reason: reason.sentence, reasonCode: reason.code, ...shownSender(evidence) }
  // Without a file of code there is nothing that a frame could be named by.
  if (machine === null || filesOf(evidence).length === 0) return { crash: why }
  const runtime = knownRuntime(process.modules.all, evidence.runtimeFiles)
  const isEnd = first !== null && isEndOfHandler(last)
  const place = isEnd ? first : { frames, signal: evidence.signal }
  const threads = shownThreads(others, evidence)
  return {
    crash: {
      ...why,
      ...ofJvm,
      ...said,
      ...(runtime && { runtime }),
      ...interpreted,
      ...(first && { firstCause: shownCause(first) }),
      ...(site !== null && { site }),
      ...fingerprintOf(
        { ...evidence.owner, signal: place.signal, reason: reason.code },
        comparedStack(comparedFrames(place.frames), interpreted),
      ),
      frames: shownFrames(frames),
    },
    ...(threads.length > 0 && { threads }),
  }
}

function namesOf(frames: readonly NamedFrame[]): readonly string[] {
  return frames.map(({ functionName }) => functionName).filter(name => name !== null)
}

const NO_STACK: Stack = []

/** A function that may not throw is ended by what finds handlers, which calls no function with that name. */
const TERMINATE = /\bterminate\b|^__gxx_personality_v0$/

/** An exception may be on its way somewhere else while a program aborts, and a panic may be over. */
function thrownOver(
  crashed: Stack,
  { statuses, signal, call }: Evidence,
  machine: Machine,
  memory: Memory,
): Pick<Known, 'exception' | 'panic' | 'rustPanic'> {
  if (signal !== SIGABRT && call === null) return {}
  const { exception, panic, rustPanics } = thrownIn(memory, statuses, machine, demangled)
  const frames = crashed.map(({ walked, named }) => ({
    stackPointer: walked.stackPointer,
    functionName: named.at(-1)?.functionName ?? null,
  }))
  const isTerminated = namesOf(comparedFrames(crashed.flatMap(({ named }) => named))).some(name =>
    TERMINATE.test(name),
  )
  return { panic, exception: isTerminated ? exception : null, rustPanic: livePanic(rustPanics, frames) }
}

function mostFrames(thread: number): number {
  return thread === 0 ? MOST_FRAMES.crashed : MOST_FRAMES.others
}

function stacksOf(evidence: Evidence, machine: Machine, process: CrashedProcess): readonly Stack[] {
  const walked = evidence.statuses.map((status, index) => {
    const registers = registersIn(Buffer.from(status), machine)
    return registers === null ? [] : walk(registers, process, mostFrames(index)).frames
  })
  const names = new FrameNames(compiledNames(evidence, walked.flat()))
  return walked.map((frames, index) => names.describeStack(frames, mostFrames(index) * MOST_INLINED_A_FRAME))
}
