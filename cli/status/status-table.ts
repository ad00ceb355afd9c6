import { plain } from '../../untrusted/plain-text.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'
import { ageInWords, bytesInWords } from '../terminal/units.ts'
import { comparedLine } from './compared-line.ts'
import type { NodeRow } from './node-row.ts'

const HEAD = ['NODE', 'VERSION', 'PATTERN', 'STORE', 'SPOOL', 'LAST CRASH', 'PROBLEMS']
const UNKNOWN = '?'

/** A line a node, and below them what is wrong and what to do about it. */
export function statusTable(rows: readonly NodeRow[], style: Style, now: Date): string {
  const lines = rows.map(row => cellsOf(row, now))
  return `${table(HEAD, lines)}${comparedLine(rows)}${rows.map(row => problemsOf(row, style)).join('')}`
}

function cellsOf(row: NodeRow, now: Date): readonly string[] {
  const { node, installer, view, problems } = row
  const version = view?.coredog ?? (installer === null ? '-' : (tagOf(installer.image) ?? UNKNOWN))
  return [
    node,
    version,
    pattern(row),
    store(row),
    spool(row),
    lastCrash(row, now),
    `${problems.length || '-'}`,
  ]
}

function tagOf(image: string | undefined): string | undefined {
  return /:([\w.-]{1,128})(?:@|$)/.exec((image ?? '').slice(-300))?.[1]
}

function pattern({ view, installer }: NodeRow): string {
  if (view === null) return installer === null ? '-' : UNKNOWN
  if (view.pattern === null) return 'not yet looked at'
  if (!view.pattern.ours) return view.pattern.owner
  return view.capture === 'file' ? 'ours, as files' : 'ours'
}

function store({ view, installer }: NodeRow): string {
  if (view === null) return installer === null ? '-' : UNKNOWN
  const storage = view.trial.checks.find(({ name }) => name === 'storage')
  if (storage !== undefined) return storage.ok ? 'ok' : 'failed'
  return view.trial.running ? 'being tried' : UNKNOWN
}

function spool({ view, installer }: NodeRow): string {
  if (view === null) return installer === null ? '-' : UNKNOWN
  const shown = view.waiting
    .filter(({ files }) => files > 0)
    .map(({ name, files, bytes }) => (name === 'outbox' ? `${files} messages` : bytesInWords(bytes)))
  return shown.length === 0 ? '-' : shown.join(', ')
}

function lastCrash({ view, lastEvent }: NodeRow, now: Date): string {
  const { time, outcome } = view?.lastCrash ?? {}
  if (outcome !== undefined)
    return `${time === undefined ? '' : `${ageInWords(new Date(time), now)} `}${outcome}`
  if (lastEvent !== null) return `${ageInWords(lastEvent.time, now)} ${lastEvent.reason}`
  return view === null ? UNKNOWN : '-'
}

function problemsOf({ node, problems }: NodeRow, { bold, dim }: Style): string {
  return problems
    .map(
      ({ what, hint }) =>
        `\n${bold(plain(node))}: ${plain(what, LONGEST)}${hint === '' ? '' : `\n  ${dim(plain(hint, LONGEST))}`}\n`,
    )
    .join('')
}

const LONGEST = 600
