import type { Session } from '../session.ts'
import type { Measured } from '../target.ts'
import { fleetTable, fleetTargets, type Simulated } from './fleet-table.ts'
import { LARGE_CORE, type Night, SMALL_CORE, simulateNight } from './night.ts'
import { lineOf } from './night-figures.ts'

const SMALL = { nodes: 3000, pods: 5000, hours: 8, core: SMALL_CORE } as const
const LARGE = { nodes: 10_000, pods: 16_000, hours: 8, core: SMALL_CORE } as const
const WELL = { scope: 'cluster', isKilled: false, isAway: false } as const
const BADLY = { scope: 'cluster', isKilled: true, isAway: true } as const
const ALONE = { scope: 'node', isKilled: false, isAway: false } as const

/** The last one is that of the last line. */
const NIGHTS: readonly (readonly [string, Night])[] = [
  ['3,000 nodes, 5,000 pods, each node', { ...SMALL, ...ALONE }],
  ['10,000 nodes, 16,000 pods, each node', { ...LARGE, ...ALONE }],
  ['10,000 nodes, 16,000 pods, trouble', { ...LARGE, ...BADLY }],
  ['3,000 nodes, 5,000 pods, cores of 1 GiB', { ...SMALL, ...WELL, core: LARGE_CORE }],
  ['3,000 nodes, 5,000 pods', { ...SMALL, ...WELL }],
  ['3,000 nodes, 5,000 pods, trouble', { ...SMALL, ...BADLY }],
]

/** What a Deployment costs that crash-loops on thousands of nodes, and whom it tells. */
export async function simulateFleet({ signal, say }: Session): Promise<Measured> {
  const nights: Simulated[] = []
  for (const [name, night] of NIGHTS) {
    say(`a night of ${name}`)
    nights.push({ name, night, figures: await simulateNight(night, signal) })
  }
  const last = nights.at(-1) as Simulated
  return {
    tables: [fleetTable(nights)],
    targets: nights.filter(({ night }) => night.scope === 'cluster').flatMap(fleetTargets),
    lastLine: lineOf(last.figures),
  }
}
