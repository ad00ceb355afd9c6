import type { Absent } from './contestant.ts'
import { type Core, sizeText } from './core.ts'
import { ratio } from './ratio.ts'
import type { Table } from './table.ts'
import { notMeasured, type Target } from './target.ts'
import { LIMIT } from './tools.ts'
import { type Entrant, entrantNamed, medianOf, notesOn, rangeOf, type Turns } from './turns.ts'

/** A core that goes to a slow store. */
export interface SlowRun {
  readonly heldSeconds: number
  /** Until its handler ended. */
  readonly doneSeconds: number
  readonly storedBytes: number
}

export interface SlowStore extends Turns<SlowRun> {
  readonly core: Core
  readonly absent: readonly Absent[]
}

export const BYTES_PER_SECOND = 20e6
export const LATENCY_MS = 100

const COLUMNS = [
  'Contestant',
  'Held s',
  'Min–max s',
  '× cat',
  'Stored MiB',
  'Until all is stored s',
  '× the store alone',
]

export function slowStoreTable(slow: SlowStore): Table {
  const { core, entrants, absent } = slow
  return {
    title: `${core.title}, ${sizeText(core.sizeBytes)}, into a store of 20 MB/s`,
    columns: COLUMNS,
    rows: entrants.map(entrant => rowOf(entrant, slow)),
    notes: notesOn(slow, absent),
  }
}

const HELD_SECONDS = 1

export function slowStoreTargets(slow: SlowStore): readonly Target[] {
  const what = `A store of 20 MB/s, ${sizeText(slow.core.sizeBytes)}, gzip: held`
  const wanted = `≤ ${HELD_SECONDS} s`
  const ours = entrantNamed('coredog gzip', slow)
  if (ours === undefined) return [notMeasured(what, wanted, 'it did not take part')]
  const held = medianOf(ours, run => run.heldSeconds)
  const cat = timesCat(ours, slow)
  const measured = `${held.toFixed(2)} s${cat === '' ? '' : `, ${cat} × cat`}`
  return [{ what, wanted, measured, isMet: held <= HELD_SECONDS }]
}

function rowOf(entrant: Entrant<SlowRun>, slow: SlowStore): readonly string[] {
  const stored = medianOf(entrant, run => run.storedBytes)
  const done = medianOf(entrant, run => run.doneSeconds)
  const kept = [(stored / 2 ** 20).toFixed(0), done.toFixed(2), ratio(done, stored / BYTES_PER_SECOND, 2)]
  return [
    entrant.contestant.name,
    medianOf(entrant, run => run.heldSeconds).toFixed(2),
    rangeOf(entrant, run => run.heldSeconds),
    timesCat(entrant, slow),
    ...(stored === 0 ? ['', '', ''] : kept),
  ]
}

function timesCat(entrant: Entrant<SlowRun>, slow: SlowStore): string {
  const limit = entrantNamed(LIMIT, slow)
  const held = (one: Entrant<SlowRun>) => medianOf(one, run => run.heldSeconds)
  return limit === undefined ? '' : ratio(held(entrant), held(limit), 1)
}
