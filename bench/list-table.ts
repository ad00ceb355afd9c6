import { median } from './median.ts'
import type { Table } from './table.ts'
import type { Target } from './target.ts'

/** One kind of question, and how long its answers took. */
export interface Listing {
  readonly name: string
  readonly seconds: readonly number[]
}

export interface Lists {
  readonly listings: readonly Listing[]
  readonly atOnce: { readonly count: number; readonly seconds: number; readonly peakMiB: number }
  readonly crashes: number
  readonly latencyMs: number
  readonly load: string
}

export function listTable({ listings, atOnce, crashes, latencyMs, load }: Lists): Table {
  const rounds = Math.max(...listings.map(({ seconds }) => seconds.length))
  return {
    title: `Lists of ${crashes.toLocaleString('en')} crashes`,
    columns: ['kubectl get cores', 'median ms', 'fastest ms', 'slowest ms', '× a request to the store'],
    rows: listings.map(({ name, seconds }) => [
      name,
      ...[median(seconds), Math.min(...seconds), Math.max(...seconds)].map(time => (time * 1000).toFixed(0)),
      ((median(seconds) * 1000) / latencyMs).toFixed(1),
    ]),
    notes: [
      `Medians of ${rounds} rounds, from an S3 server of ours that answers each request after ${latencyMs} ms. ${load}`,
      `${atOnce.count.toLocaleString('en')} lists of 500 at once were all answered after ${atOnce.seconds.toFixed(1)} s, and the server had ${atOnce.peakMiB.toFixed(0)} MiB at its peak.`,
    ],
  }
}

const WANTED_SECONDS = 1
const WANTED_MIB = 200

export function listTargets({ listings, atOnce, crashes }: Lists): readonly Target[] {
  const slowest = Math.max(...listings.map(({ seconds }) => median(seconds)))
  return [
    {
      what: `A list of 500 of ${crashes.toLocaleString('en')} crashes`,
      wanted: `< ${WANTED_SECONDS} s`,
      measured: `${slowest.toFixed(2)} s at the slowest`,
      isMet: slowest < WANTED_SECONDS,
    },
    {
      what: `${atOnce.count.toLocaleString('en')} lists of 500 at once: memory of the server`,
      wanted: `< ${WANTED_MIB} MiB`,
      measured: `${atOnce.peakMiB.toFixed(0)} MiB`,
      isMet: atOnce.peakMiB < WANTED_MIB,
    },
  ]
}
