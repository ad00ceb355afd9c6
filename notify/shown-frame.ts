import type { ReportFrame } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'

export interface ShownFrame {
  /** One line of visible characters, without a mark. */
  readonly text: string
  /** Found by what looks like a return address; absent: it is certain. */
  readonly isGuess?: boolean
  /** Whether it is the program's own code. */
  readonly own: boolean
  /** So many of these follow each other, as in a recursion; absent: it is one. */
  readonly times?: number
}

const LONGEST_FUNCTION = 120
const LONGEST_PLACE = 80
/** In a line with others. */
const LONGEST_SITE = 60

/** What is there many times over is one, with a count. */
export function runsOf(frames: readonly ReportFrame[]): readonly ShownFrame[] {
  const runs: ShownFrame[] = []
  for (const frame of frames) {
    const isGuess = frame.trust === 'scan'
    const shown = { text: textOf(frame), own: frame.own === true, ...(isGuess && { isGuess }) }
    const last = runs.at(-1)
    if (last?.text !== shown.text || last.own !== shown.own || last.isGuess !== shown.isGuess)
      runs.push(shown)
    else runs[runs.length - 1] = { ...last, times: (last.times ?? 1) + 1 }
  }
  return runs
}

/** How many frames these are. */
export function countFrames(frames: readonly ShownFrame[]): number {
  return frames.reduce((sum, { times = 1 }) => sum + times, 0)
}

/** `check_balance  two.c:4`; of what has no name, its module and address. */
export function textOf(frame: ReportFrame): string {
  return [calledOf(frame), placeOf(frame)].filter(part => part !== '').join('  ')
}

/** `check_balance (two.c:4)`; `null`: it has no name. */
export function siteOf(frame: ReportFrame): string | null {
  if (frame.function === undefined) return null
  const place = placeOf(frame)
  return `${plain(frame.function, LONGEST_SITE)}${place === '' ? '' : ` (${place})`}`
}

function calledOf({ function: name, module, address }: ReportFrame): string {
  if (name !== undefined) return plain(name, LONGEST_FUNCTION)
  const place = module === undefined ? [] : [lastOf(module)]
  return plain([...place, ...(address === undefined ? [] : [address])].join(' + '), LONGEST_PLACE)
}

/** `two.c:4`; of what has no lines, its module, if that is not said already. */
function placeOf({ file, line, function: name, module }: ReportFrame): string {
  if (file !== undefined)
    return plain(`${lastOf(file)}${line === undefined ? '' : `:${line}`}`, LONGEST_PLACE)
  return name === undefined || module === undefined ? '' : plain(lastOf(module), LONGEST_PLACE)
}

/** A package is told by its folder: its own code stands in `json/__init__.py`. */
const PACKAGE = /(?:^|\/)([^/]+\/__(?:init|main)__\.py)$/

export function lastOf(path: string): string {
  return PACKAGE.exec(path)?.[1] ?? path.slice(path.lastIndexOf('/') + 1)
}
