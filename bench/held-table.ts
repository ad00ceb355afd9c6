import type { Heat, Held } from './held.ts'
import { median } from './median.ts'
import type { Run } from './run.ts'
import type { Table } from './table.ts'
import { LIMIT } from './tools.ts'

const COLUMNS = [
  'Contestant',
  'Held s',
  'Min–max s',
  '× cat',
  'Faster than its peers',
  'CPU s',
  'Peak RSS MiB',
  'Stored %',
]

type Entrant = Heat['entrants'][number]

/** A table for each core, its contestants in the order in which they took their turns. */
export function heldTables({ heats, absent }: Held): readonly Table[] {
  return heats.map(heat => ({
    title: `${heat.core.title}, ${sizeText(heat.core.sizeBytes)}`,
    columns: COLUMNS,
    rows: heat.entrants.map(entrant => rowOf(entrant, heat)),
    notes: [...absent, ...heat.failed].map(({ name, reason }) => `Without ${name}: ${reason}.`),
  }))
}

export function sizeText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes.toFixed(0)} MiB`
}

/** Of what was measured in each run, the median. */
function medianOf(runs: readonly Run[], of: (run: Run) => number): number {
  return median(runs.map(of))
}

export const heldSeconds = ({ runs }: Entrant): number => medianOf(runs, run => run.heldSeconds)

function rowOf(entrant: Entrant, { core, entrants }: Heat): readonly string[] {
  const { contestant, runs } = entrant
  const held = runs.map(run => run.heldSeconds)
  const limit = entrants.find(other => other.contestant.name === LIMIT)
  return [
    contestant.name,
    heldSeconds(entrant).toFixed(2),
    `${Math.min(...held).toFixed(2)}–${Math.max(...held).toFixed(2)}`,
    limit === undefined ? '' : (heldSeconds(entrant) / heldSeconds(limit)).toFixed(1),
    againstPeers(entrant, entrants),
    medianOf(runs, run => run.cpuSeconds).toFixed(2),
    (medianOf(runs, run => run.peakBytes) / 2 ** 20).toFixed(0),
    contestant.unpack === null
      ? ''
      : ((medianOf(runs, run => run.storedBytes) / core.sizeBytes) * 100).toFixed(1),
  ]
}

function againstPeers(entrant: Entrant, entrants: readonly Entrant[]): string {
  return entrant.contestant.peers
    .flatMap(name => entrants.filter(({ contestant }) => contestant.name === name))
    .map(peer => `${(heldSeconds(peer) / heldSeconds(entrant)).toFixed(2)} × ${peer.contestant.name}`)
    .join(', ')
}
