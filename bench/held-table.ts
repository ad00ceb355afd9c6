import { sizeText } from './core.ts'
import type { Heat, Held } from './held.ts'
import { ratio } from './ratio.ts'
import type { Run } from './run.ts'
import type { Table } from './table.ts'
import { GZIP, LIMIT } from './tools.ts'
import { type Entrant, medianOf, notesOn, rangeOf } from './turns.ts'

const COLUMNS = [
  'Contestant',
  'Held s',
  'Min–max s',
  '× cat',
  'Faster than its peers',
  'CPU s',
  `× ${GZIP}`,
  'Peak RSS MiB',
  'Stored %',
  `× ${GZIP}`,
]

type HeldEntrant = Entrant<Run>

/** A table for each core, its contestants in the order in which they took their turns. */
export function heldTables({ heats, absent }: Held): readonly Table[] {
  return heats.map(heat => ({
    title: `${heat.core.title}, ${sizeText(heat.core.sizeBytes)}`,
    columns: COLUMNS,
    rows: heat.entrants.map(entrant => rowOf(entrant, heat)),
    notes: notesOn(heat, absent),
  }))
}

export const heldSeconds = (entrant: HeldEntrant): number => medianOf(entrant, run => run.heldSeconds)

function rowOf(entrant: HeldEntrant, { core, entrants }: Heat): readonly string[] {
  const { contestant } = entrant
  const isKept = contestant.unpack !== null
  const against = (name: string, of: (run: Run) => number, digits: number) => {
    const base = entrants.find(other => other.contestant.name === name)
    return base === undefined ? '' : ratio(medianOf(entrant, of), medianOf(base, of), digits)
  }
  return [
    contestant.name,
    heldSeconds(entrant).toFixed(2),
    rangeOf(entrant, run => run.heldSeconds),
    against(LIMIT, run => run.heldSeconds, 1),
    againstPeers(entrant, entrants),
    medianOf(entrant, run => run.cpuSeconds).toFixed(2),
    against(GZIP, run => run.cpuSeconds, 2),
    (medianOf(entrant, run => run.peakBytes) / 2 ** 20).toFixed(0),
    isKept ? ((medianOf(entrant, run => run.storedBytes) / core.sizeBytes) * 100).toFixed(1) : '',
    isKept ? against(GZIP, run => run.storedBytes, 2) : '',
  ]
}

function againstPeers(entrant: HeldEntrant, entrants: readonly HeldEntrant[]): string {
  return entrant.contestant.peers
    .flatMap(name => entrants.filter(({ contestant }) => contestant.name === name))
    .map(peer => `${ratio(heldSeconds(peer), heldSeconds(entrant), 2)} × ${peer.contestant.name}`)
    .join(', ')
}
