import type { Table } from '../table.ts'
import type { Target } from '../target.ts'
import type { Night } from './night.ts'
import {
  dollarsOf,
  firstMessageOf,
  messagesIn2h,
  messagesInADay,
  type NightFigures,
  uncountedOf,
} from './night-figures.ts'

/** One night, and what it was. */
export interface Simulated {
  readonly name: string
  readonly night: Night
  readonly figures: NightFigures
}

const COLUMNS = [
  'Night',
  'crashes',
  'cores',
  'first message s',
  'messages in 2 h',
  'messages in all',
  'uncounted',
  'PUTs',
  'LISTs',
  'GETs',
  '$ that night',
  '$ the quiet day after',
]

export function fleetTable(nights: readonly Simulated[]): Table {
  return {
    title: 'One Deployment that crash-loops for a night',
    columns: COLUMNS,
    rows: nights.map(rowOf),
    notes: [
      'Simulated: 5 % of all requests are answered with 503 and of 1 % the answer is lost, as all PUTs the refused ones are counted, and S3’s list prices are those of us-east-1. “Each node” is `dedupe.scope: node`.',
    ],
  }
}

function rowOf({ name, figures }: Simulated): readonly string[] {
  const { crashes, cores, messages, counted, night, quietDay } = figures
  const numbers = [crashes, cores, firstMessageOf(figures), messagesIn2h(figures), messages.length]
  const requests = [night.puts, night.lists, night.gets]
  return [
    name,
    ...numbers.map(written),
    counted === null ? 'all' : written(uncountedOf(figures)),
    ...requests.map(written),
    dollarsOf(night).toFixed(2),
    dollarsOf(quietDay).toFixed(2),
  ]
}

function written(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/** Of the one that has to be good. */
export function fleetTargets({ name, figures }: Simulated): readonly Target[] {
  const { cores, night, quietDay } = figures
  const target = (what: string, most: number, found: number, unit = ''): Target => ({
    what: `${name}: ${what}`,
    wanted: `≤ ${unit}${most}`,
    measured: unit === '$' ? `$${found.toFixed(2)}` : written(found),
    isMet: found <= most,
  })
  return [
    target('first message, seconds', 30, firstMessageOf(figures)),
    target('messages in two hours', 5, messagesIn2h(figures)),
    target('messages in the day after', 1, messagesInADay(figures)),
    target('cores', 10, cores),
    target('crashes uncounted', 0, uncountedOf(figures)),
    target('requests of the night', 5, dollarsOf(night), '$'),
    target('requests of the quiet day after', 1, dollarsOf(quietDay), '$'),
  ]
}
