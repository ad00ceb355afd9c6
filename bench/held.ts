import path from 'node:path'
import { messageOf } from '../crash/errors.ts'
import { HANDLER } from './bench-node.ts'
import { type Absent, type Contestant, isAbsent, type Offer, type Place } from './contestant.ts'
import { type Core, generatedCores } from './core.ts'
import { buildIfStale } from './handler-build.ts'
import type { Options } from './options.ts'
import { OURS } from './ours.ts'
import { compilePrograms } from './programs.ts'
import { RUNTIMES, realCore } from './real-core.ts'
import { type Run, runOnce } from './run.ts'
import { Scratch } from './scratch.ts'
import { shellHelper } from './shell-helper.ts'
import { systemdCoredump } from './systemd-coredump.ts'
import { LIMIT, TOOLS } from './tools.ts'
import { openWay, type Way } from './way.ts'

/** All runs of one core. */
export interface Heat {
  readonly core: Core
  /** In the order in which they took their turns. */
  readonly entrants: readonly { readonly contestant: Contestant; readonly runs: readonly Run[] }[]
  /** Who gave up, with this core. */
  readonly failed: readonly Absent[]
}

export interface Held {
  readonly heats: readonly Heat[]
  readonly absent: readonly Absent[]
  readonly way: string
  /** Whether all that was written went into memory. */
  readonly inMemory: boolean
}

const OFFERS: readonly Offer[] = [...TOOLS, shellHelper, systemdCoredump, ...OURS]

// Core, output, and what an archive is made of.
const COPIES = 4

/** How long a process is held while its core is taken, by all contestants in turns. `say` gets a line a run. */
export async function measureHeld(
  options: Options,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Held> {
  await buildIfStale(HANDLER)
  using scratch = new Scratch(options.sizeBytes * COPIES)
  const programs = await compilePrograms(scratch.programs)
  const byKernel = !options.pipe && process.getuid?.() === 0
  await using way = await openWay(byKernel, programs, signal)
  await using cleanUp = new AsyncDisposableStack()
  const result = path.join(scratch.programs, 'result')
  const place: Place = { scratch, programs, result, byKernel, cleanUp }
  const offered = await present(options, place)
  const cores = await chosenCores(options, place, way)
  const absent = [...offered.filter(isAbsent), ...cores.filter(isAbsent)]
  for (const { name, reason } of absent) say(`without ${name}: ${reason}`)
  const contestants = offered.flatMap(one => (isAbsent(one) ? [] : [one]))
  const heats: Heat[] = []
  for (const core of cores.flatMap(one => (isAbsent(one) ? [] : [one]))) {
    heats.push(await inTurns(core, contestants, { rounds: options.rounds, place, way, signal, say }))
  }
  return { heats, absent, way: way.name, inMemory: scratch.inMemory }
}

async function present({ only }: Options, place: Place): Promise<(Contestant | Absent)[]> {
  const answers: (Contestant | Absent)[] = []
  for (const offer of OFFERS) answers.push(await offer(place))
  return answers.filter(
    ({ name }) => only.length === 0 || name === LIMIT || only.some(part => name.includes(part)),
  )
}

async function chosenCores(options: Options, place: Place, way: Way): Promise<(Core | Absent)[]> {
  const isChosen = ({ name }: { name: string }) => options.cores.length === 0 || options.cores.includes(name)
  const cores: (Core | Absent)[] = generatedCores(options.sizeBytes).filter(isChosen)
  for (const runtime of RUNTIMES.filter(isChosen)) cores.push(await realCore(runtime, place, way))
  return cores
}

interface Meet {
  readonly rounds: number
  readonly place: Place
  readonly way: Way
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Turns, so that whatever else the machine does hits all of them alike. */
async function inTurns(core: Core, contestants: readonly Contestant[], meet: Meet): Promise<Heat> {
  const runs = new Map<Contestant, Run[]>(contestants.map(contestant => [contestant, []]))
  const failed: Absent[] = []
  for (let round = 1; round <= meet.rounds; round += 1) {
    for (const [contestant, before] of runs) {
      if (round > contestant.rounds) continue
      try {
        before.push(await reported(contestant, core, round, meet))
      } catch (thrown) {
        meet.signal.throwIfAborted()
        failed.push({ name: contestant.name, reason: messageOf(thrown) })
        meet.say(`${core.name}, ${contestant.name}: ${messageOf(thrown)}`)
        runs.delete(contestant)
      }
    }
  }
  return { core, entrants: [...runs].map(([contestant, runs]) => ({ contestant, runs })), failed }
}

async function reported(
  contestant: Contestant,
  core: Core,
  round: number,
  { rounds, place, way, signal, say }: Meet,
): Promise<Run> {
  signal.throwIfAborted()
  const run = await runOnce(contestant, core, { place, way, checked: round === 1 })
  const { heldSeconds, cpuSeconds } = run
  say(
    `${core.name} ${round}/${rounds}  ${contestant.name}: held ${heldSeconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s`,
  )
  return run
}
