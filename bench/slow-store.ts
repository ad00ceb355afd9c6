import { readFileSync, rmSync } from 'node:fs'
import { openArena } from './arena.ts'
import { parseStored, wholeCore } from './bench-node.ts'
import type { Absent, Contestant, Place } from './contestant.ts'
import { type Core, generatedCores } from './core.ts'
import { isAmong, present } from './offers.ts'
import { type Ours, ours, VARIANTS } from './ours.ts'
import { type RunConditions, runOnce } from './run.ts'
import type { Session } from './session.ts'
import { type Sink, sinkStorage, startSink } from './sink.ts'
import {
  BYTES_PER_SECOND,
  LATENCY_MS,
  type SlowRun,
  slowStoreTable,
  slowStoreTargets,
} from './slow-store-table.ts'
import type { Measured } from './target.ts'
import { LIMIT } from './tools.ts'
import { inTurns } from './turns.ts'

const TAKING_PART = ['gzip', 'gzip, nothing read ahead', 'zstd']

/** How long a process is held whose core goes to a store that is slower than any codec. */
export async function measureSlowStore({ options, signal, say }: Session): Promise<Measured> {
  const core = coreOf(options.sizeBytes)
  await using arena = await openArena({ options, neededBytes: 2 * core.sizeBytes, signal })
  await using sink = await startSink({ bytesPerSecond: BYTES_PER_SECOND, latencyMs: LATENCY_MS })
  const { place, way } = arena
  const { contestants, absent } = await asked(isAmong(options.only), sink, place)
  const turns = { name: 'slow store', contestants, rounds: options.rounds, signal, say }
  const found = await inTurns(turns, (one, { checked }) => storedOnce(one, core, { place, way, checked }))
  const slow = { core, absent, ...found }
  return { tables: [slowStoreTable(slow)], targets: slowStoreTargets(slow) }
}

/** 256 MiB, beside generated cores of 1 GiB. */
function coreOf(sizeBytes: number): Core {
  const [heap] = generatedCores(sizeBytes / 4)
  return heap as Core // the first of them
}

async function asked(
  isAsked: (name: string) => boolean,
  sink: Sink,
  place: Place,
): Promise<{ contestants: readonly Contestant[]; absent: readonly Absent[] }> {
  const { contestants, absent } = await present(name => name === LIMIT, place)
  const variants = VARIANTS.filter(({ name }) => TAKING_PART.includes(name))
  const folder = place.scratch.folder('nothing comes here')
  const handlers = variants.map(variant => ours(variant, sinkStorage(sink), folder, place))
  const chosen = handlers.filter(({ name }) => isAsked(name))
  return { contestants: [...contestants, ...chosen], absent }
}

/** What ours keeps is in the store, and its log has what the store confirmed. */
async function storedOnce(one: Contestant, core: Core, conditions: RunConditions): Promise<SlowRun> {
  const { heldSeconds, doneSeconds } = await runOnce({ ...one, unpack: null }, core, conditions)
  return { heldSeconds, doneSeconds, storedBytes: isOurs(one) ? storedBytesIn(one.logFile) : 0 }
}

function isOurs(one: Contestant): one is Ours {
  return 'logFile' in one
}

function storedBytesIn(logFile: string): number {
  const text = readFileSync(logFile, 'utf8')
  rmSync(logFile)
  return wholeCore(parseStored(text).report).storedBytes ?? 0
}
