import type { Contestant } from './contestant.ts'
import type { Core } from './core.ts'
import { median } from './median.ts'
import { clear, outputIn } from './output.ts'
import { checkOutput } from './output-check.ts'
import { cpuSecondsOf, END_SECONDS, endedWith, type RunConditions, resultsIn, writeScript } from './run.ts'

/** Many cores at once, all taken by one contestant. */
export interface StormRun {
  /** Of all processes, the one that was held longest. */
  readonly slowestSeconds: number
  readonly medianSeconds: number
  readonly cpuSeconds: number
}

export const CRASHES = 12

/** Throws if one of them fails, or, where `checked`, if one of what is kept is not the core. */
export async function stormOnce(
  contestant: Contestant,
  core: Core,
  { place, way, checked }: RunConditions,
): Promise<StormRun> {
  clear(contestant.folder)
  const script = writeScript(contestant.command, place, contestant.metered)
  const crashes = way.storm?.(core, CRASHES, script, contestant.kernelArguments) ?? Promise.resolve([])
  const held = await endedWith(crashes, place.result)
  const metered = await resultsIn(place.result, CRASHES, END_SECONDS)
  if (checked) await checkAll(contestant, core)
  clear(contestant.folder)
  return {
    slowestSeconds: Math.max(...held),
    medianSeconds: median(held),
    cpuSeconds: metered.reduce((sum, one) => sum + cpuSecondsOf(one), 0),
  }
}

async function checkAll({ unpack, folder }: Contestant, core: Core): Promise<void> {
  if (unpack === null) return
  const files = outputIn(folder)
  if (files.length !== CRASHES) throw new Error(`it kept ${files.length} of ${CRASHES} cores`)
  for (const file of files) await checkOutput(unpack, [file], core.sizeBytes)
}
