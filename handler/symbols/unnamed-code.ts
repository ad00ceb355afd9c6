import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import { symbolPlace } from '../../crash/symbol-file/symbol-place.ts'

/** By build id: the addresses by which names are looked up, as the program headers have them. */
export type UnnamedCode = ReadonlyMap<string, ReadonlySet<bigint>>

/** A tenant chooses build ids: each is a question to a server of others. */
export const MOST_BUILD_IDS = 8

/** The code in a report that has no names, the crashing thread's first. */
export function unnamedCode({ crash, threads = [] }: CrashReport): UnnamedCode {
  const code = new Map<string, Set<bigint>>()
  for (const frame of [crash?.frames ?? [], ...threads.map(({ frames = [] }) => frames)].flat()) {
    const [buildId, address] = [buildIdWithoutName(frame), lookupAddressOf(frame)]
    if (buildId === null || address === null) continue
    const known = code.get(buildId)
    if (known !== undefined) known.add(address)
    else if (code.size < MOST_BUILD_IDS) code.set(buildId, new Set([address]))
  }
  return code
}

/** `null`: it has a name, or nobody could know it. */
export function buildIdWithoutName({ function: name, buildId }: ReportFrame): string | null {
  return name === undefined && buildId !== undefined && symbolPlace(buildId) !== null ? buildId : null
}

/** A return address may be behind the function that called: what is before it is in the call. */
export function lookupAddressOf({ address, trust }: ReportFrame): bigint | null {
  if (address === undefined) return null
  const at = BigInt(address)
  return trust === 'context' ? at : BigInt.asUintN(64, at - 1n)
}
