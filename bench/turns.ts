import { messageOf } from '../crash/errors.ts'
import type { Absent, Contestant } from './contestant.ts'
import { Load } from './load.ts'
import { median } from './median.ts'

/** What everybody did. */
export interface Turns<Run> {
  /** In the order in which they took their turns. */
  readonly entrants: readonly Entrant<Run>[]
  /** Who gave up. */
  readonly failed: readonly Absent[]
  readonly load: string
}

export interface Entrant<Run> {
  readonly contestant: Contestant
  readonly runs: readonly Run[]
}

/** Of what was measured in each run, the median. */
export function medianOf<Run>({ runs }: Entrant<Run>, of: (run: Run) => number): number {
  return median(runs.map(of))
}

/** The smallest and the largest, for people. */
export function rangeOf<Run>({ runs }: Entrant<Run>, of: (run: Run) => number): string {
  const values = runs.map(of)
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`
}

/** Of those that took part. */
export function entrantNamed<Run>(
  name: string,
  { entrants }: Pick<Turns<Run>, 'entrants'>,
): Entrant<Run> | undefined {
  return entrants.find(({ contestant, runs }) => contestant.name === name && runs.length > 0)
}

/** What stands below their table: who is not in it, and why, and how busy the machine was. */
export function notesOn(
  { failed, load }: Pick<Turns<never>, 'failed' | 'load'>,
  absent: readonly Absent[],
): readonly string[] {
  return [...[...absent, ...failed].map(({ name, reason }) => `Without ${name}: ${reason}.`), load]
}

export interface TurnsOptions {
  /** For people. */
  readonly name: string
  readonly contestants: readonly Contestant[]
  readonly rounds: number
  readonly signal: AbortSignal
  /** Gets a line a run. */
  readonly say: (line: string) => void
}

// It stands in the document; one may have a whole log in it.
const LONGEST_REASON = 200

/** What a contestant does in its turn. `checked`: whether its output is to be looked at. */
type Take<Run> = (contestant: Contestant, turn: { readonly checked: boolean }) => Promise<Run>

/** Turns, so that whatever else the machine does hits all of them alike. */
export async function inTurns<Run extends object>(
  options: TurnsOptions,
  take: Take<Run>,
): Promise<Turns<Run>> {
  const { name, contestants, rounds, signal, say } = options
  using load = new Load()
  const runs = new Map<Contestant, Run[]>(contestants.map(contestant => [contestant, []]))
  const failed: Absent[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const [contestant, before] of runs) {
      if (round > contestant.rounds) continue
      signal.throwIfAborted()
      try {
        const run = await take(contestant, { checked: round === 1 })
        before.push(run)
        say(`${name} ${round}/${rounds}  ${contestant.name}: ${told(run)}`)
      } catch (thrown) {
        signal.throwIfAborted()
        const reason = messageOf(thrown).slice(0, LONGEST_REASON)
        failed.push({ name: contestant.name, reason })
        say(`${name}, ${contestant.name}: ${reason}`)
        runs.delete(contestant)
      }
    }
  }
  const entrants = [...runs].map(([contestant, runs]) => ({ contestant, runs }))
  return { entrants, failed, load: load.sentence }
}

/** All that is seconds. */
function told(run: object): string {
  return Object.entries(run)
    .filter(([name, value]) => name.endsWith('Seconds') && typeof value === 'number')
    .map(([name, value]) => `${name.slice(0, -'Seconds'.length)} ${value.toFixed(2)} s`)
    .join(', ')
}
