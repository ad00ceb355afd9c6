import { type Core, sizeText } from './core.ts'
import { ratio } from './ratio.ts'
import type { Run } from './run.ts'
import type { Table } from './table.ts'
import { type Entrant, entrantNamed, medianOf, notesOn, rangeOf, type Turns } from './turns.ts'

/** Of `collect.scrub`, what others are compared with first. */
export const SCRUBS = ['off', 'stacks', 'all'] as const

export interface ScrubRun extends Run {
  /** As in the report. */
  readonly scrubbed: number
}

interface Scrubbed extends Turns<ScrubRun> {
  readonly core: Core
}

/** How fast memory is looked through by itself. */
export interface Search {
  readonly values: number
  readonly mbPerSecond: number
  /** Of one that copies it. */
  readonly copyMbPerSecond: number
}

const COLUMNS = ['collect.scrub', 'Held s', 'Min–max s', '× off', 'MB/s', 'CPU s', '× off', 'Places blanked']

export function scrubTable(scrubbed: Scrubbed, secrets: number): Table {
  const { core, entrants } = scrubbed
  return {
    title: `${core.title}, ${sizeText(core.sizeBytes)}, of a process with ${secrets} known secrets`,
    columns: COLUMNS,
    rows: entrants.map(entrant => rowOf(entrant, scrubbed)),
    notes: notesOn(scrubbed, []),
  }
}

export function searchTable(searches: readonly Search[]): Table {
  return {
    title: 'The search alone',
    columns: ['Values', 'MB/s', '× memory that is copied'],
    rows: searches.map(({ values, mbPerSecond, copyMbPerSecond }) => [
      String(values),
      mbPerSecond.toFixed(0),
      ratio(mbPerSecond, copyMbPerSecond, 2),
    ]),
    notes: [
      'In one thread, of what such a process has in memory, the fastest of nine times. Each value is looked for in UTF-16 as well.',
    ],
  }
}

function rowOf(entrant: Entrant<ScrubRun>, scrubbed: Scrubbed): readonly string[] {
  const { name } = entrant.contestant
  const off = entrantNamed(name.replace(/ (?:stacks|all)(?=,|$)/, ' off'), scrubbed)
  const against = (of: (run: ScrubRun) => number) =>
    off === undefined ? '' : ratio(medianOf(entrant, of), medianOf(off, of), 2)
  const held = (run: ScrubRun) => run.heldSeconds
  const cpu = (run: ScrubRun) => run.cpuSeconds
  return [
    name.replace('coredog ', ''),
    ...[medianOf(entrant, held).toFixed(2), rangeOf(entrant, held), against(held)],
    (scrubbed.core.sizeBytes / 1e6 / medianOf(entrant, held)).toFixed(0),
    ...[medianOf(entrant, cpu).toFixed(2), against(cpu)],
    String(medianOf(entrant, run => run.scrubbed)),
  ]
}
