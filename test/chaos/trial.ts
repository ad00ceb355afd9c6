import { setTimeout as pause } from 'node:timers/promises'
import {
  checkStormNotifications,
  checkStrays,
  type Outcome,
  outcomeOf,
  type Suffered,
  Violation,
} from './invariant.ts'
import { filesIn, leftoversOf } from './leftovers.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { RunningHandler } from './running-handler.ts'
import { type Surroundings, TrialWorld } from './trial-world.ts'

// More than so many become one message.
const MOST_ONE_BY_ONE = 5
// A machine that does other things as well starts some handlers a second.
const HANDLER_SECONDS = 240
// Ends a hang: with all CPUs busy the store, which is of this process, answers too late again and again.
const HEALED_SECONDS = 600
const SECONDS_EACH = 3
// Patience is three of them; the others are for a machine that does other things as well.
const LET_GO_SECONDS = 120
// What ends by itself needs that long at the most: the pause of a kernel whose handler was killed.
const GRACE_SECONDS = 20

/** How a trial went. */
export interface TrialResult {
  readonly outcomes: readonly Outcome[]
  /** What really happened, by its name. */
  readonly happened: ReadonlyMap<string, number>
  /** Temporary files of who was killed: they go away after an hour. */
  readonly leftByKills: number
}

/** A violation, and all that helps to understand it. */
export class TrialFailure extends Error {
  readonly evidence: string

  constructor(cause: unknown, evidence: string) {
    super(cause instanceof Violation ? cause.message : String((cause as Error).stack))
    this.evidence = evidence
  }
}

/** One trial: crashes under faults, then all is well, and then nothing may be missing, nor be left behind. */
export async function runTrial(plan: Plan, random: Random, surroundings: Surroundings): Promise<TrialResult> {
  const before = filesIn()
  const { folder, result } = await playTrial(plan, random, surroundings)
  const left = await leftoversOf(folder, before, GRACE_SECONDS)
  if (left.length === 0) return result
  throw new TrialFailure(new Violation(`${plan.name} has left behind: ${left[0]}`), left.join('\n'))
}

interface PlayedTrial {
  readonly folder: string
  readonly result: TrialResult
}

async function playTrial(plan: Plan, random: Random, surroundings: Surroundings): Promise<PlayedTrial> {
  await using world = await TrialWorld.begin(plan, random, surroundings)
  try {
    const crashes = await crash(world, surroundings.programs.handler)
    await world.heal()
    await crashes.ended
    await untilQuiet(world)
    await world.finisher.stop()
    return { folder: world.host.folder, result: await judge(world) }
  } catch (cause) {
    throw new TrialFailure(cause, await world.evidence())
  }
}

/** Resolves when all is to be made well; `ended`: with the last handler. */
async function crash(world: TrialWorld, program: string): Promise<{ readonly ended: Promise<unknown> }> {
  const { plan, handlers, finisher } = world
  await world.breakThings()
  if (plan.finisherFromStart) finisher.start()
  const seconds = HANDLER_SECONDS + handlers.length * SECONDS_EACH
  const ended = Promise.all(handlers.map(handler => handler.run(program, world, seconds)))
  // A process of which a call hangs cannot be ended; but what it held has to be free before the mount is
  // back.
  await (world.mounted === null ? ended : Promise.race([rejectionOf(ended), allLetGo(handlers)]))
  if (!plan.finisherFromStart) finisher.start()
  await pause(plan.lingerMilliseconds)
  return { ended }
}

/** Never resolves. */
async function rejectionOf(work: Promise<unknown>): Promise<never> {
  await work
  return new Promise(() => undefined)
}

async function allLetGo(handlers: readonly RunningHandler[]): Promise<void> {
  const over = new AbortController()
  const tooLong = pause(LET_GO_SECONDS * 1000, undefined, over).then(() => {
    throw new Violation(`the store hangs, and so does a crashed process: it was held for ${LET_GO_SECONDS} s`)
  })
  try {
    await Promise.race([tooLong, Promise.all(handlers.map(({ letGo }) => letGo))])
  } finally {
    over.abort()
    tooLong.catch(() => undefined)
  }
}

async function untilQuiet({ host, handlers }: TrialWorld): Promise<void> {
  const seconds = HEALED_SECONDS + handlers.length * SECONDS_EACH
  const deadline = performance.now() + seconds * 1000
  while (host.begun().length > 0 || host.spooled().length > 0 || host.owed().length > 0) {
    if (performance.now() > deadline)
      throw new Violation(
        `not finished ${seconds} s after all was well: begun ${host.begun()}, spool ${host.spooled()}, outbox ${host.owed()}`,
      )
    await pause(50)
  }
}

async function judge(world: TrialWorld): Promise<TrialResult> {
  const { plan, store, host, handlers, finisher } = world
  const remains = {
    objects: await store.objects(plan.storeDir),
    notices: world.notices(),
    unnamed: host.lines('crash not in the index'),
  }
  checkStrays(remains)
  if (handlers.length > MOST_ONE_BY_ONE) checkStormNotifications(handlers.length, remains)
  const outcomes = await Promise.all(handlers.map(handler => outcomeOf(sufferedBy(handler, world), remains)))
  const open = await store.openUploads(plan.storeDir)
  if (open.length > 0) throw new Violation(`uploads left open: ${open.join(', ')}`)
  const left = host.left()
  const nobodyKilled = finisher.kills === 0 && handlers.every(({ killed }) => !killed)
  if (left.length > 0 && nobodyKilled) throw new Violation(`left on the node: ${left.join(', ')}`)
  await store.remove([...remains.objects.keys()])
  return { outcomes, happened: world.happened(), leftByKills: left.length }
}

function sufferedBy({ crashed, killed, killedBeforeBegun }: RunningHandler, world: TrialWorld): Suffered {
  const { plan, handlers, finisher } = world
  return {
    crashed,
    handlerKilled: killed,
    killedBeforeBegun,
    storeLied: world.storeLied,
    diskWasSmall: plan.disk.kind !== 'roomy',
    isToldAlone: handlers.length <= MOST_ONE_BY_ONE,
    tellersKilled: finisher.kills + (killed ? 1 : 0),
  }
}
