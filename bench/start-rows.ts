import type { SeenRun } from './as-kernel.ts'
import { median } from './median.ts'

/** One start. The rest is there for a handler that was given a core. */
export interface StartSample extends SeenRun {
  readonly saidFirstReadMs?: number
  readonly storedMs?: number
}

/** What is told of a sample, in the order in which it happens. */
const MOMENTS: readonly (readonly [string, (sample: StartSample) => number | undefined])[] = [
  ['first read', ({ firstReadMs }) => (firstReadMs < 0 ? undefined : firstReadMs)],
  ['first read, as it says', ({ saidFirstReadMs }) => saidFirstReadMs],
  ['report stored', ({ storedMs }) => storedMs],
  ['end', ({ exitMs }) => exitMs],
]

/** Ratios are to the end of the first of `samples`. */
export function startRows(samples: ReadonlyMap<string, readonly StartSample[]>): string[][] {
  const [base = []] = samples.values()
  const baseMs = median(base.map(({ exitMs }) => exitMs))
  return [...samples].flatMap(([name, taken]) =>
    MOMENTS.flatMap(([moment, pick]) => {
      const times = taken.map(pick).filter(time => time !== undefined)
      return times.length === 0 ? [] : [rowOf(`${name}: ${moment}`, times, baseMs, taken)]
    }),
  )
}

function rowOf(
  name: string,
  times: readonly number[],
  baseMs: number,
  taken: readonly StartSample[],
): string[] {
  const peakMiB = median(taken.map(({ peakBytes }) => peakBytes)) / 2 ** 20
  return [
    name,
    ...[median(times), Math.min(...times), Math.max(...times)].map(time => time.toFixed(1)),
    (median(times) / baseMs).toFixed(2),
    peakMiB.toFixed(0),
  ]
}
