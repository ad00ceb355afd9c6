import type { Table } from '../table.ts'
import type { Target } from '../target.ts'
import { type ApiUse, isOwner, isWatch, whichOf } from './api-use.ts'

export interface Idle {
  readonly minutes: number
  readonly use: ApiUse
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly series: number
}

export interface InstallerFigures {
  readonly first: ApiUse
  readonly again: ApiUse
  /** Whether a handler knows cluster and annotations after a start without an API server. */
  readonly knowsWithout: boolean
  readonly peakBytes: number
  readonly idle: Idle
}

const MOST_REQUESTS = 6
const MOST_WATCHES = 2
const MOST_SERIES = 20

export function requestTable({ first, again, idle }: InstallerFigures): Table {
  return {
    title: 'What an installer asks of the API server',
    columns: ['When', 'requests', 'for owners of pods', 'watches', 'KiB answered', 'which'],
    rows: [
      rowOf('First start on a node', first),
      rowOf('Start on a node that it was on', again),
      rowOf(`Idle for ${idle.minutes} min`, idle.use),
    ],
    notes: [
      'A start is its first minute, on a node of 110 pods, all of Deployments, of which 11 have crashes collected.',
    ],
  }
}

export function idleTable({ idle, peakBytes, knowsWithout }: InstallerFigures): Table {
  const { minutes, cpuSeconds, residentBytes, series } = idle
  return {
    title: 'An idle installer',
    columns: ['What', 'measured'],
    rows: [
      ['Series in /metrics', String(series)],
      ['RSS, MiB', mebibytes(residentBytes)],
      ['Peak RSS, MiB', mebibytes(peakBytes)],
      ['CPU seconds an hour', ((cpuSeconds / minutes) * 60).toFixed(1)],
      ['Cluster and annotations known after a start without an API server', yesOrNo(knowsWithout)],
    ],
    notes: [`Of ${minutes} minutes, from one minute after a start.`],
  }
}

export function installerTargets(figures: InstallerFigures): readonly Target[] {
  const { first, again, idle } = figures
  return [
    target('Requests of a first start', MOST_REQUESTS, asksOf(first)),
    target('Requests of a start on a node that it was on', MOST_REQUESTS, asksOf(again)),
    target('Watches', MOST_WATCHES, watchesOf(again)),
    target('Series of an idle installer', MOST_SERIES, idle.series),
    {
      what: 'Known after a start without an API server',
      wanted: 'yes',
      measured: yesOrNo(figures.knowsWithout),
      isMet: figures.knowsWithout,
    },
  ]
}

function rowOf(when: string, use: ApiUse): readonly string[] {
  const numbers = [asksOf(use), ownersOf(use), watchesOf(use)].map(String)
  return [when, ...numbers, (use.answeredBytes / 1024).toFixed(0), whichOf(use.requests)]
}

/** Without watches. */
function asksOf({ requests }: ApiUse): number {
  return requests.filter(request => !isWatch(request)).length
}

function ownersOf({ requests }: ApiUse): number {
  return requests.filter(isOwner).length
}

function watchesOf({ requests }: ApiUse): number {
  return requests.filter(isWatch).length
}

function target(what: string, most: number, found: number): Target {
  return { what, wanted: `≤ ${most}`, measured: String(found), isMet: found <= most }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no'
}
