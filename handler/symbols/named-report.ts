import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import type { FunctionName } from '../../crash/symbols/function-at.ts'
import { ownFrames } from '../../crash/why/own-frames.ts'
import type { StackFrame } from '../../crash/why/stack-frame.ts'
import { fitting } from '../why/fitting.ts'
import { buildIdWithoutName, lookupAddressOf } from './unnamed-code.ts'

/** By build id, what its code is called. */
export type Names = ReadonlyMap<string, ReadonlyMap<bigint, FunctionName>>

/** Of all frames together. */
const MOST_INLINED_A_FRAME = 3

/**
 * `report` with `names` for the frames that have none. What crashes are counted by stays as it was: it must not
 * depend on whether a server answered.
 */
export function namedReport(report: CrashReport, names: Names): CrashReport {
  const { crash, threads } = report
  const { frames, firstCause } = crash ?? {}
  return {
    ...report,
    ...(crash && {
      crash: {
        ...crash,
        ...(frames && { frames: namedFrames(frames, names) }),
        ...(firstCause?.frames && {
          firstCause: { ...firstCause, frames: namedFrames(firstCause.frames, names) },
        }),
      },
    }),
    ...(threads && {
      threads: fitting(
        threads.map(thread =>
          thread.frames === undefined ? thread : { ...thread, frames: namedFrames(thread.frames, names) },
        ),
      ),
    }),
  }
}

function namedFrames(frames: readonly ReportFrame[], names: Names): readonly ReportFrame[] {
  let left = frames.length * MOST_INLINED_A_FRAME
  const named = frames.flatMap(frame => {
    const name = nameOf(frame, names)
    const inlined = name?.inlined?.slice(0, left) ?? []
    left -= inlined.length
    return name === null ? frame : [...inlined.map(one => inlinedIn(frame, one)), namedFrame(frame, name)]
  })
  return fitting(withOwn(named))
}

function nameOf(frame: ReportFrame, names: Names): FunctionName | null {
  const [buildId, address] = [buildIdWithoutName(frame), lookupAddressOf(frame)]
  return buildId === null || address === null ? null : (names.get(buildId)?.get(address) ?? null)
}

function namedFrame(frame: ReportFrame, { name, start, file, line }: FunctionName): ReportFrame {
  const offset = BigInt.asUintN(64, BigInt(frame.address ?? 0) - start)
  return { ...placed({ name, file, line }), ...frame, offset: `0x${offset.toString(16)}` }
}

function inlinedIn(frame: ReportFrame, inlined: Placed): ReportFrame {
  return { ...placed(inlined), ...frame, inlined: true }
}

interface Placed {
  readonly name: string
  readonly file?: string | undefined
  readonly line?: number | undefined
}

function placed({ name, file, line }: Placed): ReportFrame {
  return { function: name, ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}

/** A frame that was the program's own is it no more where its name says otherwise; who compiled it knows itself. */
function withOwn(frames: readonly ReportFrame[]): readonly ReportFrame[] {
  const compared = frames.map((shown): StackFrame & { readonly shown: ReportFrame } => ({
    shown,
    functionName: shown.function ?? null,
    module: shown.module ?? '',
    buildId: shown.buildId ?? null,
    offset: BigInt(shown.address ?? 0),
    trust: shown.trust ?? 'scan',
  }))
  const own = new Set(ownFrames(compared).map(({ shown }) => shown))
  return frames.map(frame =>
    frame.own === true && frame.module !== undefined ? { ...frame, own: own.has(frame) } : frame,
  )
}
