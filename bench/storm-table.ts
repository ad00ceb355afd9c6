import type { Absent } from './contestant.ts'
import { type Core, sizeText } from './core.ts'
import { ratio } from './ratio.ts'
import { CRASHES, type StormRun } from './storm-run.ts'
import type { Table } from './table.ts'
import { type Measured, notMeasured, type Target } from './target.ts'
import { LIMIT } from './tools.ts'
import { type Entrant, entrantNamed, medianOf, notesOn, rangeOf, type Turns } from './turns.ts'

export interface Storm extends Turns<StormRun> {
  readonly core: Core
  readonly absent: readonly Absent[]
}

const COLUMNS = [
  'Contestant',
  'Slowest held s',
  'Min–max s',
  '× cat',
  'Half of them held s',
  '× cat',
  'CPU s',
  '× cat',
]

export function stormTable(storm: Storm): Table {
  const { core, entrants, absent } = storm
  return {
    title: nameOf(core),
    columns: COLUMNS,
    rows: entrants.map(entrant => rowOf(entrant, storm)),
    notes: notesOn(storm, absent),
  }
}

export function stormTargets(storm: Storm): readonly Target[] {
  const [what, wanted] = [`${nameOf(storm.core)}, gzip: the slowest held`, `≤ ${SLOWEST_SECONDS} s`]
  const ours = entrantNamed('coredog gzip', storm)
  if (ours === undefined) return [notMeasured(what, wanted, 'it did not take part')]
  const slowest = medianOf(ours, run => run.slowestSeconds)
  const limit = entrantNamed(LIMIT, storm)
  const times =
    limit &&
    `, ${ratio(
      slowest,
      medianOf(limit, run => run.slowestSeconds),
      1,
    )} × cat`
  return [
    { what, wanted, measured: `${slowest.toFixed(2)} s${times ?? ''}`, isMet: slowest <= SLOWEST_SECONDS },
  ]
}

const SLOWEST_SECONDS = 1.5

export function stormWithoutKernel(core: Core): Measured {
  const why = 'it takes root, to crash through the kernel'
  const table = { title: nameOf(core), columns: COLUMNS, rows: [], notes: [`Left out: ${why}.`] }
  return { tables: [table], targets: [notMeasured(`${nameOf(core)}: the slowest held`, '', why)] }
}

function nameOf({ sizeBytes }: Core): string {
  return `${CRASHES} crashes of ${sizeText(sizeBytes)} at once`
}

function rowOf(entrant: Entrant<StormRun>, storm: Storm): readonly string[] {
  const limit = entrantNamed(LIMIT, storm)
  const withRatio = (of: (run: StormRun) => number) => [
    medianOf(entrant, of).toFixed(2),
    limit === undefined ? '' : ratio(medianOf(entrant, of), medianOf(limit, of), 1),
  ]
  const [value = '', times = ''] = withRatio(run => run.slowestSeconds)
  return [
    entrant.contestant.name,
    value,
    rangeOf(entrant, run => run.slowestSeconds),
    times,
    ...withRatio(run => run.medianSeconds),
    ...withRatio(run => run.cpuSeconds),
  ]
}
