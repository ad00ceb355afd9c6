import type { Operation } from '../fakes/s3-operations.ts'
import { STORE_FAULTS, type StoreFault } from './fault.ts'
import { Random } from './random.ts'

export type StoreKind = 'fake' | 'real'

/**
 * When a process is killed: at a request that the store sees of it, at one that the chat sees, some time
 * after its start, or when it has to wait for its place.
 */
export interface Kill {
  readonly at: 'request arrives' | 'request answered' | 'chat' | 'milliseconds' | 'waiting'
  /** The how manieth, from 1; or so many milliseconds. */
  readonly count: number
}

export interface PlannedCrash {
  /** What the process is called: by it, everything of the crash is found again. */
  readonly comm: string
  readonly memoryBytes: number
  /** Share of the core that the kernel writes before the process is killed; `null`: all. */
  readonly cutAt: number | null
  /** The kernel pauses half way. */
  readonly pauseMilliseconds: number
  readonly startsAfterMilliseconds: number
  readonly kill: Kill | null
}

export interface ChannelFault {
  readonly kind: 'channel says 500' | 'channel resets'
  readonly times: number
}

/** How much of the node's disk there is. */
export type Disk =
  | { readonly kind: 'roomy' }
  | { readonly kind: 'small spool'; readonly maxBytes: number }
  | { readonly kind: 'full disk'; readonly diskBytes: number }

/** The store is a mounted file system, and from then on every call to it hangs, until all is made well. */
export interface HangingStore {
  readonly afterMilliseconds: number
}

/** What the node lends, to read cores into it. */
export interface Lending {
  /** `limits.readAhead` */
  readonly readAhead: string
  /** Once a handler has some of it, nothing more is lent. */
  readonly isTakenAway: boolean
}

/** All of a trial that chance decides. */
export interface Plan {
  readonly name: string
  /** How to ask for it again, beside the seed. */
  readonly again: string
  readonly crashes: readonly PlannedCrash[]
  readonly storeFaults: readonly StoreFault[]
  /** `null`: the store is S3. */
  readonly hangingStore: HangingStore | null
  readonly channelFault: ChannelFault | null
  readonly finisherKills: readonly Kill[]
  /** Otherwise it comes when all handlers have ended. */
  readonly finisherFromStart: boolean
  /** For how long the faults stay when all handlers have ended. */
  readonly lingerMilliseconds: number
  readonly disk: Disk
  readonly lending: Lending
  readonly salvageBytes: number
  readonly wrongCredentials: boolean
  readonly clockAheadSeconds: number
  readonly patienceSeconds: number
  readonly maxHoldSeconds: number
  /** Cores that are streamed at once. */
  readonly concurrency: number
  /** No handler has a slot before all have been killed that are to be killed while they wait. */
  readonly placesAreHeld: boolean
  readonly compression: 'gzip' | 'zstd' | 'none'
  readonly storeDir: string
}

const MIB = 2 ** 20

type Trouble =
  | 'store'
  | 'channel'
  | 'handler killed'
  | 'finisher killed'
  | 'core cut'
  | 'credentials'
  | 'clock'
  | 'disk'
  | 'hold'
  /** What is lent is taken away. */
  | 'lending'

const TROUBLES: readonly Trouble[] = [
  ...['store', 'store', 'store', 'handler killed', 'handler killed', 'finisher killed'],
  ...['channel', 'core cut', 'credentials', 'clock', 'disk', 'hold'],
] as Trouble[]

// Each of these needs a trial that is about it: any short run has some of each.
const TURNS = 8
const LYING_TURN = 4
const WAITING_TURN = 2
const HANGING_TURN = 0
const LENDING_TURN = 6

/**
 * What may happen beside a mounted store that hangs: a killed handler holds its process until the mount is
 * back, which cannot be helped.
 */
const BESIDE_HANGING: ReadonlySet<Trouble> = new Set(['finisher killed', 'channel', 'core cut', 'lending'])

/** A store that lies and refuses every look is believed: the report says that it was not checked. */
const HIDES_LIES = 'store says 403'

/** What happens in trial `number` of `seed`: the same each time. */
export function planTrial(seed: string, number: number, store: StoreKind): Plan {
  const random = new Random(`${seed}/${number}`)
  const troubles = new Set<Trouble>(random.some(TROUBLES, random.whole(1, 4)))
  if (store === 'real') troubles.delete('clock')
  if (number % TURNS === LENDING_TURN) troubles.add('lending')
  const isHanging = number % TURNS === HANGING_TURN
  const isLying = number % TURNS === LYING_TURN
  const isWaiting = number % TURNS === WAITING_TURN
  // Its disk is full only behind a store that refuses every look.
  if (isLying) troubles.delete('disk')
  if (isHanging) for (const trouble of troubles) if (!BESIDE_HANGING.has(trouble)) troubles.delete(trouble)
  const count = random.pick([1, 1, 1, 2, 2, 3, 4])
  const disk = troubles.has('disk') ? diskOf(random) : ({ kind: 'roomy' } as const)
  const needsStoreFault = disk.kind !== 'roomy' && !troubles.has('credentials')
  const crashes = Array.from({ length: count }, (_, at) => crashOf(random, `t${number}c${at}`, troubles))
  return {
    name: `t${number}`,
    again: `--trial=${number}`,
    crashes: isWaiting ? killedWaiting(crashes, random) : crashes,
    hangingStore: isHanging ? { afterMilliseconds: random.pick([0, 0, random.whole(50, 800)]) } : null,
    storeFaults: [
      ...(isLying ? liesOf(random) : []),
      ...(troubles.has('store')
        ? storeFaultsOf(random).filter(({ kind }) => !isLying || kind !== HIDES_LIES)
        : []),
      ...(needsStoreFault ? [lasting(random)] : []),
    ],
    channelFault: troubles.has('channel') ? channelFaultOf(random) : null,
    finisherKills: troubles.has('finisher killed') ? finisherKillsOf(random) : [],
    finisherFromStart: random.chance(0.6),
    lingerMilliseconds: random.pick([0, 0, 1000, 3000]),
    disk,
    lending: lendingOf(random, troubles),
    salvageBytes: random.pick([0, 8 * MIB, 16 * MIB, 64 * MIB]),
    wrongCredentials: troubles.has('credentials'),
    clockAheadSeconds: troubles.has('clock') ? random.pick([-3600, 3600, 100_000]) : 0,
    // A mount that answers needs some, too, on a machine that does other things as well.
    patienceSeconds: isHanging ? 3 : random.pick([0, 0, 1, 2]),
    maxHoldSeconds: troubles.has('hold') ? 1 : 0,
    // In a trial of few crashes none waits for another.
    concurrency: isWaiting ? count : 100,
    placesAreHeld: isWaiting,
    compression: random.pick(['gzip', 'gzip', 'zstd', 'none']),
    storeDir: `${random.pick(['', 'core files/'])}t${number}`,
  }
}

function crashOf(random: Random, comm: string, troubles: ReadonlySet<Trouble>): PlannedCrash {
  return {
    comm,
    memoryBytes: memoryOf(random, troubles),
    cutAt: troubles.has('core cut') && random.chance(0.7) ? random.next() : null,
    pauseMilliseconds: troubles.has('hold') ? 1500 : random.pick([0, 0, 0, 400]),
    startsAfterMilliseconds: random.pick([0, 0, random.whole(0, 1500)]),
    kill: troubles.has('handler killed') && random.chance(0.7) ? handlerKillOf(random) : null,
  }
}

/** One of them, and perhaps others. */
function killedWaiting(crashes: readonly PlannedCrash[], random: Random): readonly PlannedCrash[] {
  const one = random.whole(0, crashes.length - 1)
  const kill = { at: 'waiting', count: 1 } as const
  return crashes.map((crash, at) => (at === one || random.chance(0.3) ? { ...crash, kill } : crash))
}

function memoryOf(random: Random, troubles: ReadonlySet<Trouble>): number {
  // What a handler has read before it hears of a full disk is kept as it is, and the first piece of what is lent it
  // keeps: more than that has to come.
  if (troubles.has('lending') || (troubles.has('disk') && random.chance(0.4)))
    return random.whole(40 * MIB, 72 * MIB)
  if (random.chance(0.35)) return random.whole(4096, 256 * 1024)
  return random.chance(0.4) ? random.whole(1 * MIB, 10 * MIB) : random.whole(10 * MIB, 30 * MIB)
}

function handlerKillOf(random: Random): Kill {
  const at = random.pick([
    'request arrives',
    'request arrives',
    'request answered',
    'request answered',
    'chat',
    'milliseconds',
  ] as const)
  if (at === 'milliseconds') return { at, count: random.whole(50, 2500) }
  return { at, count: at === 'chat' ? 1 : random.whole(1, 7) }
}

function finisherKillsOf(random: Random): readonly Kill[] {
  return Array.from({ length: random.whole(1, 3) }, () => {
    const at = random.pick([
      'request arrives',
      'request answered',
      'request answered',
      'chat',
      'milliseconds',
    ] as const)
    return { at, count: at === 'milliseconds' ? random.whole(200, 4000) : random.whole(1, 5) }
  })
}

const OPERATIONS: readonly (Operation | 'any')[] = [
  ...([
    'any',
    'any',
    'any',
    'any',
    'PutObject',
    'CreateMultipartUpload',
    'UploadPart',
    'UploadPart',
  ] as const),
  ...(['CompleteMultipartUpload', 'CompleteMultipartUpload', 'ListParts', 'HeadObject'] as const),
]

function storeFaultsOf(random: Random): readonly StoreFault[] {
  return Array.from({ length: random.whole(1, 3) }, () => {
    const kind = random.pick(STORE_FAULTS)
    return {
      kind,
      on: kind === 'error in a 200' ? ('CompleteMultipartUpload' as const) : random.pick(OPERATIONS),
      after: random.pick([0, 0, 1, 2, random.whole(0, 6)]),
      times: random.pick([1, 2, 5, 9, null]),
      slowMilliseconds: random.whole(100, 1500),
    }
  })
}

/** Every crash has an object that is put whole, its report; a large one has parts and is completed. */
function liesOf(random: Random): readonly StoreFault[] {
  const lies = [
    { kind: 'object confirmed and lost', on: 'PutObject', after: random.pick([0, 0, 1]) },
    { kind: 'object confirmed and lost', on: 'CompleteMultipartUpload', after: 0 },
    { kind: 'part confirmed and lost', on: 'UploadPart', after: random.pick([0, 0, 1, 2]) },
  ] as const
  const [always, ...others] = lies
  return [always, ...random.some(others, random.whole(0, 2))].map(lie => ({
    ...lie,
    times: random.pick([1, 1, 2, null]),
    slowMilliseconds: 0,
  }))
}

/** So that something goes to the disk at all. */
function lasting(random: Random): StoreFault {
  const after = random.pick([0, 0, 2, 3])
  return { kind: 'store says 403', on: 'any', after, times: null, slowMilliseconds: 0 }
}

function channelFaultOf(random: Random): ChannelFault {
  return {
    kind: random.pick(['channel says 500', 'channel resets'] as const),
    times: random.pick([1, 2, 4, 30]),
  }
}

function lendingOf(random: Random, troubles: ReadonlySet<Trouble>): Lending {
  const isTakenAway = troubles.has('lending')
  return { readAhead: random.pick(['128Mi', '256Mi', 'auto', isTakenAway ? 'auto' : '0']), isTakenAway }
}

function diskOf(random: Random): Disk {
  return random.chance(0.5)
    ? { kind: 'small spool', maxBytes: random.pick([1, 1024, 4 * MIB, 12 * MIB, 20 * MIB]) }
    : { kind: 'full disk', diskBytes: random.whole(1 * MIB, 24 * MIB) }
}
