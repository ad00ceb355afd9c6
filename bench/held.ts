import { openArena } from './arena.ts'
import type { Absent, Place } from './contestant.ts'
import { isAbsent } from './contestant.ts'
import { type Core, generatedCores } from './core.ts'
import { isAmong, present } from './offers.ts'
import type { Options } from './options.ts'
import { realCore } from './real-core.ts'
import { type Run, runOnce } from './run.ts'
import { RUNTIMES } from './runtimes.ts'
import type { Session } from './session.ts'
import { inTurns, type Turns } from './turns.ts'
import type { Way } from './way.ts'

/** All runs of one core. */
export interface Heat extends Turns<Run> {
  readonly core: Core
}

export interface Held {
  readonly heats: readonly Heat[]
  readonly absent: readonly Absent[]
  readonly way: string
  /** Whether all that was written went into memory. */
  readonly inMemory: boolean
}

// Core, output, and what an archive is made of.
const COPIES = 4

/** How long a process is held while its core is taken, by all contestants in turns. */
export async function measureHeld({ options, signal, say }: Session): Promise<Held> {
  await using arena = await openArena({ options, neededBytes: options.sizeBytes * COPIES, signal })
  const { place, way } = arena
  const { contestants, absent } = await present(isAmong(options.only), place)
  const chosen = await chosenCores(options, place, way)
  const missing = [...absent, ...chosen.filter(isAbsent)]
  for (const { name, reason } of missing) say(`without ${name}: ${reason}`)
  const heats: Heat[] = []
  for (const core of chosen.flatMap(one => (isAbsent(one) ? [] : [one]))) {
    const taking = contestants.filter(({ cores }) => cores?.includes(core.name) ?? true)
    const turns = { name: core.name, contestants: taking, rounds: options.rounds, signal, say }
    const run = await inTurns(turns, (one, { checked }) => runOnce(one, core, { place, way, checked }))
    heats.push({ core, ...run })
  }
  return { heats, absent: missing, way: way.name, inMemory: place.scratch.inMemory }
}

async function chosenCores(options: Options, place: Place, way: Way): Promise<(Core | Absent)[]> {
  const isChosen = ({ name }: { name: string }) => options.cores.length === 0 || options.cores.includes(name)
  const cores: (Core | Absent)[] = generatedCores(options.sizeBytes).filter(isChosen)
  for (const runtime of RUNTIMES.filter(isChosen)) cores.push(await realCore(runtime, place, way))
  return cores
}
