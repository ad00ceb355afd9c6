import path from 'node:path'
import type { Place } from './contestant.ts'
import type { Options } from './options.ts'
import { compilePrograms } from './programs.ts'
import { Scratch } from './scratch.ts'
import { openWay, type Way } from './way.ts'

/** Where processes crash, and those meet who take their cores. */
export interface Arena extends AsyncDisposable {
  readonly place: Place
  readonly way: Way
}

export interface ArenaOptions {
  readonly options: Pick<Options, 'pipe' | 'composer'>
  /** What all that is written at once takes. */
  readonly neededBytes: number
  readonly signal: AbortSignal
  /** A command that starts the process that crashes: `null` for none. */
  readonly crashedBy?: readonly string[]
}

export const isRoot = (): boolean => process.getuid?.() === 0

export async function openArena(wanted: ArenaOptions): Promise<Arena> {
  const { options, neededBytes, signal, crashedBy = [] } = wanted
  await using open = new AsyncDisposableStack()
  const scratch = open.use(new Scratch(neededBytes))
  const programs = await compilePrograms(scratch.programs)
  const byKernel = !options.pipe && isRoot()
  const way = open.use(await openWay(byKernel, programs, { signal, crashedBy }))
  const cleanUp = open.use(new AsyncDisposableStack())
  const result = path.join(scratch.programs, 'result')
  const place = { scratch, programs, result, byKernel, composer: options.composer, cleanUp }
  const all = open.move()
  return { place, way, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
