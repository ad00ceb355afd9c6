import { pino } from 'pino'
import { keySegment } from '../../crash/object-key.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { Random } from '../../test/chaos/random.ts'
import { FleetBucket } from './fleet-bucket.ts'
import { FleetClock } from './fleet-clock.ts'
import { type Fleet, type FleetCore, FleetNode, GROUP } from './fleet-node.ts'
import { LeaseServer } from './lease-server.ts'
import type { NightFigures } from './night-figures.ts'

/** 84 MiB: the process is let go before the question is answered. */
export const SMALL_CORE: FleetCore = { isLarge: false, storedAfterSeconds: 2, puts: 5 }
/** 1 GiB, which takes a second to read: as long the process is held. */
export const LARGE_CORE: FleetCore = { isLarge: true, storedAfterSeconds: 12, puts: 40 }

export interface Night {
  readonly nodes: number
  readonly pods: number
  readonly hours: number
  readonly scope: 'cluster' | 'node'
  readonly core: FleetCore
  /** Whether the installer that has the Lease is killed every minute. */
  readonly isKilled: boolean
  /** Whether the bucket refuses everything for ten minutes, three hours after the beginning. */
  readonly isAway: boolean
}

const BEGAN = new Date('2026-11-28T22:00:00Z')
const HOUR_MS = 3_600_000
/** A rollout reaches all pods within so long. */
const ROLLOUT_MS = 60_000
/** kubelet's. */
const BACKOFF_SECONDS = { first: 10, longest: 300 } as const
/** From its start to its crash. */
const LIVES_MS = 1000
const AFTERWARDS_HOURS = 24

/** One Deployment crash-loops on all nodes, then it is quiet for a day. */
export async function simulateNight(night: Night, signal: AbortSignal): Promise<NightFigures> {
  const dice = new Random('night')
  const random = () => dice.next()
  const clock = new FleetClock(BEGAN)
  const began = BEGAN.getTime()
  const endMs = began + night.hours * HOUR_MS
  const away = night.isAway ? { fromMs: began + 3 * HOUR_MS, untilMs: began + 3 * HOUR_MS + 600_000 } : null
  const bucket = new FleetBucket(clock, { refused: 0.05, lost: 0.01, away }, random)
  const messages: number[] = []
  const made = { crashes: 0, cores: 0 }
  let firstCrashMs = Number.POSITIVE_INFINITY
  const fleet: Fleet = {
    ...{ clock, bucket, random, scope: night.scope, core: night.core },
    leases: new LeaseServer(clock),
    log: pino({ level: 'silent' }),
    onMessage: () => messages.push((clock.now() - firstCrashMs) / 1000),
    onCore: () => {
      made.cores += 1
    },
  }
  const nodes = Array.from({ length: night.nodes }, (_, at) => new FleetNode(`node-${at}`, fleet))
  const loop = (node: FleetNode, pod: string, restarts: number) => async () => {
    if (clock.now() >= endMs) return
    firstCrashMs = Math.min(firstCrashMs, clock.now())
    made.crashes += 1
    const pauseSeconds = Math.min(BACKOFF_SECONDS.first * 2 ** restarts, BACKOFF_SECONDS.longest)
    clock.at(clock.now() + pauseSeconds * 1000 + LIVES_MS, loop(node, pod, restarts + 1))
    await node.crash(made.crashes.toString(16).padStart(12, '0'), pod)
  }
  if (night.scope === 'cluster') for (const node of nodes) node.begin()
  for (let pod = 0; pod < night.pods; pod += 1)
    clock.at(began + random() * ROLLOUT_MS, loop(nodes[pod % night.nodes] as FleetNode, `checkout-${pod}`, 0))
  if (night.isKilled) killEveryMinute(nodes, clock)

  await clock.runUntil(endMs, signal)
  const atEnd = { ...bucket.requests }
  await clock.runUntil(began + 24 * HOUR_MS, signal)
  const inADay = { ...bucket.requests }
  await clock.runUntil(endMs + AFTERWARDS_HOURS * HOUR_MS, signal)
  const inAll = { ...bucket.requests }
  return {
    ...made,
    messages,
    nightSeconds: night.hours * 3600,
    counted: night.scope === 'node' ? null : await countedIn(bucket, nodes, signal),
    night: atEnd,
    firstDay: inADay,
    quietDay: {
      puts: inAll.puts - atEnd.puts,
      lists: inAll.lists - atEnd.lists,
      gets: inAll.gets - atEnd.gets,
    },
  }
}

function killEveryMinute(nodes: readonly FleetNode[], clock: FleetClock): void {
  let kills = 0
  const kill = () => {
    kills += 1
    nodes.find(({ holds }) => holds)?.kill(kills)
    clock.at(clock.now() + 60_000, kill)
  }
  clock.at(clock.now() + 60_000, kill)
}

async function countedIn(
  bucket: FleetBucket,
  nodes: readonly FleetNode[],
  signal: AbortSignal,
): Promise<number> {
  bucket.recover()
  const names = nodes.map(({ name }) => keySegment(name))
  const counts = await new CrashGroup(bucket, GROUP).counts(names, signal)
  return counts.reduce((sum, { crashes }) => sum + crashes, 0)
}
