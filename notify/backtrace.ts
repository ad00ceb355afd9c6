import type { CrashReport, ReportFrame } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'

const MOST_SHOWN = 5
const LONGEST_FUNCTION = 120
const LONGEST_PLACE = 80

/**
 * The frames that matter, a line each: from the one that the program's own code called last, its own marked,
 * and how many more there are.
 */
export function backtraceLines({ crash }: CrashReport): string[] {
  const frames = crash?.frames ?? []
  const firstOwn = frames.findIndex(({ own }) => own === true)
  const from = Math.max(0, firstOwn - 1)
  const shown = frames.slice(from, from + MOST_SHOWN)
  const more = frames.length - from - shown.length
  return [...shown.map(lineOf), ...(more > 0 ? [`… ${more} more`] : [])]
}

function lineOf(frame: ReportFrame): string {
  const mark = frame.own === true ? '▸' : '·'
  return `${mark} ${[calledOf(frame), placeOf(frame)].filter(part => part !== '').join('  ')}`
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

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
