import { sizeText } from './core.ts'
import type { Heat, Held } from './held.ts'
import { heldSeconds } from './held-table.ts'
import type { Chart } from './plot.ts'

export function heldCharts({ heats }: Held): readonly Chart[] {
  return heats.map(chartOf)
}

function chartOf({ core, entrants }: Heat): Chart {
  const bars = entrants.map(entrant => {
    const held = entrant.runs.map(run => run.heldSeconds)
    return {
      label: entrant.contestant.name,
      value: heldSeconds(entrant),
      from: Math.min(...held),
      to: Math.max(...held),
      ours: entrant.contestant.name.startsWith('coredog'),
    }
  })
  return { title: `${core.title}, ${sizeText(core.sizeBytes)}: seconds held`, unit: 's', bars }
}
