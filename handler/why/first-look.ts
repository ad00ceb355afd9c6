import { PT_INTERP } from '../../crash/elf.ts'
import { type Machine, machineOf } from '../../crash/image/elf-image.ts'
import { isFault } from '../../crash/signal.ts'
import { registersIn } from '../../crash/unwind/registers.ts'
import { ADDRESS_MASK, type Walk, walk } from '../../crash/unwind/walk.ts'
import { type Reason, reasonOf } from '../../crash/why/reason.ts'
import { siteOf } from '../../crash/why/site.ts'
import { BareFrames } from './bare-frames.ts'
import { type CrashedProcess, crashedProcess } from './crashed-process.ts'
import type { Evidence } from './evidence.ts'
import { whatIsKnown } from './what-is-known.ts'

/** What is found out while the process is held: it decides whether its core is kept. */
export interface FirstLook {
  readonly process: CrashedProcess
  /** Without what it said before it gave up. */
  readonly reason: Reason
  /** {@link siteOf}; `null` also where it took too long. */
  readonly site: string | null
}

const MOST_FRAMES = 64

/** `mayGoOn`: whether there is time for another frame. */
export function lookFirst(evidence: Evidence, mayGoOn = () => true): FirstLook {
  const process = crashedProcess(evidence)
  const machine = machineOf(evidence.machine)
  const reason = reasonOf(whatIsKnown(evidence, machine, process.memory))
  const site = machine === null ? null : siteIn(evidence, { machine, process, reason, mayGoOn })
  return { process, reason, site }
}

/** Of a signal of which the kernel does not say who sent it, the place means nothing. */
function siteIn(
  evidence: Evidence,
  known: Omit<FirstLook, 'site'> & { readonly machine: Machine; readonly mayGoOn: () => boolean },
): string | null {
  const { signal, info } = evidence
  const { machine, process, reason, mayGoOn } = known
  const registers = registersIn(Buffer.from(evidence.statuses[0] ?? []), machine)
  if (registers === null || info?.number !== signal) return null
  const walked = walk(registers, process, MOST_FRAMES, ADDRESS_MASK, mayGoOn)
  const bare = new BareFrames()
  const frames = walked.frames.map(frame => bare.describe(frame))
  if (!mayGoOn() || !bare.areTold) return null
  const isAtFault = isFault(signal, info.code) && !holdsItsLibc(walked, evidence, process)
  return siteOf({ frames, isWhole: walked.end !== 'lost', isAtFault, reason: reason.code })
}

/** Whether it crashed in a program without a loader: nothing tells where in it the code of libc is. */
function holdsItsLibc({ frames }: Walk, { entry }: Evidence, { modules }: CrashedProcess): boolean {
  const image = frames[0]?.module?.image
  const program = entry === undefined ? null : modules.at(entry)?.image
  return image != null && image === program && !image.segments.some(({ type }) => type === PT_INTERP)
}
