import { plain } from '../../untrusted/plain-text.ts'
import type { Style } from '../terminal/style.ts'
import type { Finding } from './finding.ts'

const MARKS = { ok: '✓', no: '✗', note: '!', unknown: '?' } as const
const LONGEST = 1200

/** A line each, and below it what to do. */
export function findingsList(findings: readonly Finding[], style: Style): string {
  return findings.map(finding => lineOf(finding, style)).join('')
}

function lineOf({ verdict, what, next }: Finding, style: Style): string {
  const colours = { ok: style.green, no: style.red, note: style.yellow, unknown: style.dim }
  const line = `${colours[verdict](MARKS[verdict])} ${plain(what, LONGEST)}\n`
  return next === undefined || next === '' ? line : `${line}    ${style.dim(plain(next, LONGEST))}\n`
}

/** What comes of them all. */
export function conclusionOf(findings: readonly Finding[], of: string): string {
  if (findings.some(({ verdict }) => verdict === 'no')) return `A crash of ${of} would not be collected.`
  const isSure = findings.every(({ verdict }) => verdict !== 'unknown')
  return `A crash of ${of} would be collected${isSure ? '' : ', as far as could be seen'}.`
}
