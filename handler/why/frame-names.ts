import type { ElfImage } from '../../crash/image/elf-image.ts'
import type { ReportFrame } from '../../crash/report.ts'
import { buildIdOf } from '../../crash/symbols/build-id.ts'
import { CodeIdentity } from '../../crash/symbols/code-identity.ts'
import type { CompiledFunction } from '../../crash/symbols/compiled-function.ts'
import { Effort, EXPLANATION_STEPS, MODULE_STEPS } from '../../crash/symbols/effort.ts'
import { type FunctionName, Symbols } from '../../crash/symbols/function-at.ts'
import type { Frame } from '../../crash/unwind/walk.ts'
import { ownFrames } from '../../crash/why/own-frames.ts'
import type { StackFrame } from '../../crash/why/stack-frame.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { type CompiledNames, NO_COMPILED_NAMES } from './compiled-names.ts'
import { fitting } from './fitting.ts'

/** As gdb says it: the frames before are of a handler, and those behind of what it interrupted. */
const SIGNAL_HANDLER_CALLED = { function: '<signal handler called>' }
/** A report has a thousand of them. */
const LONGEST_PATH = 256

/** A frame as the report has it, and as frames are compared. */
export interface NamedFrame extends StackFrame {
  readonly shown: ReportFrame
  /** It is one only because debug information says so: what crashes are counted by has it not. */
  readonly isOfDebug?: true
  /** Only what compiled it says so. Not compared either: when a function is compiled is up to chance. */
  readonly isCompiledOwn?: true
}

/** The frames of a thread, as they were found, and with their names. */
export type Stack = readonly { readonly walked: Frame; readonly named: readonly NamedFrame[] }[]

interface Known {
  readonly symbols: Symbols
  readonly buildId: string | null
  readonly identity: CodeIdentity
}

/** Names for frames; what is found out about a module is kept for the next one. */
export class FrameNames {
  readonly #effort = new Effort(EXPLANATION_STEPS)
  readonly #known = new Map<ElfImage, Known>()
  readonly #compiled: CompiledNames

  constructor(compiled = NO_COMPILED_NAMES) {
    this.#compiled = compiled
  }

  /** At most `mostInlined` frames of what was inlined, of the innermost of the stack. */
  describeStack(frames: readonly Frame[], mostInlined: number): Stack {
    let left = mostInlined
    return frames.map(walked => {
      const named = this.describe(walked)
      left -= named.length - 1
      return { walked, named: left < 0 ? named.slice(-1) : named }
    })
  }

  /** What was inlined has frames of its own, before the one that it is in. */
  describe({ instruction, lookupAddress, module, trust, isSignalFrame }: Frame): NamedFrame[] {
    const known = module?.image ? this.#of(module.image) : null
    const bias = module?.bias ?? 0n
    const address = instruction - bias
    const found = known?.symbols.functionAt(lookupAddress - bias) ?? null
    const place = {
      ...(module && { module: plain(module.path, LONGEST_PATH) }),
      address: hex(address),
      ...(known?.buildId && { buildId: known.buildId }),
      trust,
    }
    const buildId = known?.buildId ?? known?.identity.at(address) ?? null
    const compared = { module: module?.path ?? '', buildId, offset: address, trust }
    const named = (name: PlacedName | null, more: ReportFrame): NamedFrame => ({
      ...compared,
      functionName: name?.name ?? null,
      shown: { ...(name && namedAs(name)), ...place, ...more },
    })
    const compiled = module === null ? this.#compiled.get(lookupAddress) : undefined
    if (compiled !== undefined) return [ofCompiled(named(null, namedAs(compiled)), compiled)]
    const offset = found === null ? {} : { offset: hex(address - found.start) }
    return [
      ...(found?.inlined ?? []).map(inlined => ({
        ...named(inlined, { inlined: true }),
        ...(found?.isInlinedByDebug && { isOfDebug: true as const }),
      })),
      named(found, { ...offset, ...(isSignalFrame && SIGNAL_HANDLER_CALLED) }),
    ]
  }

  #of(image: ElfImage): Known {
    const open = () => ({
      symbols: new Symbols(image, this.#effort.part(MODULE_STEPS)),
      buildId: buildIdOf(image),
      identity: new CodeIdentity(image),
    })
    const known = this.#known.get(image) ?? open()
    this.#known.set(image, known)
    return known
  }
}

/** Those that a crash is told apart by: they are the same where a build has its debug information elsewhere. */
export function comparedFrames(frames: readonly NamedFrame[]): readonly NamedFrame[] {
  return frames.filter(({ isOfDebug }) => isOfDebug !== true)
}

/** As the report has them, the program's own marked. */
export function shownFrames(frames: readonly NamedFrame[]): readonly ReportFrame[] {
  const own = new Set(ownFrames(frames))
  return fitting(
    frames.map(frame => ({ ...frame.shown, own: own.has(frame) || frame.isCompiledOwn === true })),
  )
}

function ofCompiled(frame: NamedFrame, { isOwn }: CompiledFunction): NamedFrame {
  return isOwn ? { ...frame, isCompiledOwn: true } : frame
}

type PlacedName = Pick<FunctionName, 'name' | 'file' | 'line'>

function namedAs({ name, file, line }: PlacedName): ReportFrame {
  return { function: name, ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}

function hex(address: bigint): string {
  return `0x${BigInt.asUintN(64, address).toString(16)}`
}
