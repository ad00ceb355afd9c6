import { constants } from 'node:os'
import { ElfImage, type Machine, machineOf } from '../../crash/image/elf-image.ts'
import { bytesOf, type FileBytes } from '../../crash/image/file-bytes.ts'
import type { Memory } from '../../crash/image/memory.ts'
import { type Module, Modules, modulesOf } from '../../crash/image/module.ts'
import type { CrashReport, ReportCrash } from '../../crash/report.ts'
import { demangled } from '../../crash/symbols/demangle.ts'
import { registersIn } from '../../crash/unwind/registers.ts'
import { walk } from '../../crash/unwind/walk.ts'
import { abortMessageAt } from '../../crash/why/abort-message.ts'
import { isEndOfHandler, reasonBehindHandler } from '../../crash/why/behind-handler.ts'
import { fingerprintOf, siteOf } from '../../crash/why/fingerprint.ts'
import { reasonOf } from '../../crash/why/reason.ts'
import type { ReasonCode } from '../../crash/why/reason-code.ts'
import type { Evidence } from './evidence.ts'
import { fileIn } from './file-in.ts'
import { firstCause, type Stack, shownCause } from './first-cause.ts'
import { FrameNames, type NamedFrame, shownFrames } from './frame-names.ts'
import { ProcessMemory } from './process-memory.ts'
import { shownSender } from './shown-sender.ts'
import { shownThreads } from './shown-threads.ts'
import { type Thrown, thrownIn } from './thrown.ts'
import { vdsoModule } from './vdso.ts'

/** What is added to a report. */
export interface Explanation extends Pick<CrashReport, 'threads'> {
  readonly crash: Omit<ReportCrash, 'signature' | 'module' | 'offset' | 'address' | 'buildId'>
}

const { SIGABRT } = constants.signals
/** Longer than any instruction. */
const CODE_BYTES = 16
const MOST_FRAMES = { crashed: 64, others: 16 }

/** Why a process crashed, from what was taken of it. Files are read as far as names need it. */
export function explain(evidence: Evidence): Explanation {
  const machine = machineOf(evidence.machine)
  const process = processOf(evidence)
  const [crashed = NO_STACK, ...others] = machine === null ? [] : stacksOf(evidence, machine, process)
  const frames = crashed.flatMap(({ named }) => named)
  const thrown = machine === null ? {} : thrownOver(frames, evidence, machine, process.memory)
  const said = abortMessageOf(evidence, process.memory)
  const known = { ...whatIsKnown(evidence, machine, process.memory), ...said }
  const last = reasonOf({ ...known, ...thrown })
  const first = firstCause(crashed, known, process.memory)
  const reason = first === null ? last : reasonBehindHandler(last, evidence.signal, first)
  const why = { reason: reason.sentence, reasonCode: reason.code, ...shownSender(evidence) }
  // Without a file of code there is nothing that a frame could be named by.
  if (machine === null || filesOf(evidence).length === 0) return { crash: why }
  const isEnd = first !== null && isEndOfHandler(last)
  const place = isEnd ? first : { frames, signal: evidence.signal }
  const threads = shownThreads(others, evidence)
  return {
    crash: {
      ...why,
      ...said,
      ...(first && { firstCause: shownCause(first) }),
      ...knownAgainBy(place, evidence, reason.code),
      frames: shownFrames(frames),
    },
    ...(threads.length > 0 && { threads }),
  }
}

const NO_STACK: Stack = []

const TERMINATE = /\bterminate\b/

/** An exception may be on its way somewhere else while a program aborts. */
function thrownOver(
  crashed: readonly NamedFrame[],
  { statuses, signal, call }: Evidence,
  machine: Machine,
  memory: Memory,
): Partial<Thrown> {
  if (signal !== SIGABRT && call === null) return {}
  const { exception, panic } = thrownIn(memory, statuses, machine, demangled)
  const isTerminated = crashed.some(({ functionName }) => TERMINATE.test(functionName ?? ''))
  return { panic, exception: isTerminated ? exception : null }
}

function abortMessageOf({ abortMessageAt: at }: Evidence, memory: Memory): Pick<ReportCrash, 'abortMessage'> {
  const abortMessage = at === undefined ? null : abortMessageAt(memory, at)
  return abortMessage === null ? {} : { abortMessage }
}

function knownAgainBy(
  { frames, signal }: { readonly frames: readonly NamedFrame[]; readonly signal: number },
  { owner }: Evidence,
  reason: ReasonCode,
): Pick<ReportCrash, 'site' | 'fingerprint' | 'group'> {
  const site = siteOf(frames, reason)
  return { ...(site !== null && { site }), ...fingerprintOf({ ...owner, signal, reason }, frames) }
}

/** What is at hand of its memory, and the files in it. */
function processOf(evidence: Evidence) {
  const { pieces, vdso } = evidence
  const vdsoPiece = pieces.find(({ address }) => address === vdso)
  const all = new Modules([
    ...filesOf(evidence).flatMap(moduleOf),
    ...(vdsoPiece === undefined ? [] : vdsoModule(vdsoPiece)),
  ])
  return { memory: new ProcessMemory(pieces, all), modules: all }
}

function stacksOf(
  { statuses }: Evidence,
  machine: Machine,
  process: ReturnType<typeof processOf>,
): readonly Stack[] {
  const names = new FrameNames()
  return statuses.map((status, index) => {
    const registers = registersIn(Buffer.from(status), machine)
    if (registers === null) return []
    const most = index === 0 ? MOST_FRAMES.crashed : MOST_FRAMES.others
    const { frames } = walk(registers, process, most)
    return frames.map(walked => ({ walked, named: names.describe(walked) }))
  })
}

interface CodeFile extends Pick<Module, 'path' | 'ranges'> {
  readonly file: FileBytes
}

function filesOf({ modules, unopened = [] }: Evidence): readonly CodeFile[] {
  return [
    ...modules.map(({ path, ranges, ...file }) => ({ path, ranges, file: fileIn(file) })),
    ...unopened.map(({ path, ranges, beginning }) => ({
      path,
      ranges,
      file: bytesOf(Buffer.from(beginning)),
    })),
  ]
}

function moduleOf({ path, ranges, file }: CodeFile): readonly Module[] {
  const image = ElfImage.open(file)
  return image === null ? [] : modulesOf(path, image, ranges)
}

function whatIsKnown(
  { signal, info, mappings, pid, call, sender, statuses }: Evidence,
  machine: Machine | null,
  memory: Memory,
): Parameters<typeof reasonOf>[0] {
  const registers = machine === null ? null : registersIn(Buffer.from(statuses[0] ?? []), machine)
  const code = registers && memory.read(registers.instruction, CODE_BYTES)
  return {
    signal,
    ...(info && { info }),
    ...(registers && { instruction: registers.instruction, stackPointer: registers.stackPointer }),
    mappings,
    ...(code && { code }),
    ...(pid !== undefined && { pid }),
    ...(machine && { machine }),
    call,
    ...(sender && { sender }),
  }
}
