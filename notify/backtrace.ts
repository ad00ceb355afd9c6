import type { CrashReport, ReportCrash, ReportFrame } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language } from './language/language.ts'

/** The frames of a stack that matter, and how many there are behind them. */
export interface Backtrace {
  readonly frames: readonly ShownFrame[]
  readonly more: number
}

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

export const NO_BACKTRACE: Backtrace = { frames: [], more: 0 }

const MOST_SHOWN = 5
const LONGEST_FUNCTION = 120
const LONGEST_PLACE = 80
/** In a line with others. */
const LONGEST_SITE = 60

/**
 * The frames that matter: from the one that the program's own code called last to the program's own first one. Of a
 * crash without a stack the place where it was.
 */
export function backtraceOf({ crash }: CrashReport, language: Language): Backtrace {
  if (crash?.frames === undefined) return crash === undefined ? NO_BACKTRACE : siteOf(crash, language)
  const { frames } = crash
  const firstOwn = frames.findIndex(({ own }) => own === true)
  const from = Math.max(0, firstOwn - 1)
  const end = firstOwn === -1 ? frames.length : frames.findLastIndex(({ own }) => own === true) + 1
  const shown = { frames: runsOf(frames.slice(from, end)), more: frames.length - end }
  return shortBacktrace(shown, MOST_SHOWN)
}

/** What is there many times over is one, with a count. */
function runsOf(frames: readonly ReportFrame[]): readonly ShownFrame[] {
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

/** `backtrace` without the frames behind the first `count` of those that are shown. */
export function shortBacktrace({ frames, more }: Backtrace, count: number): Backtrace {
  return { frames: frames.slice(0, count), more: more + countFrames(frames.slice(count)) }
}

/** The lines of a backtrace: the program's own frames are marked, and at its end stands how many follow. */
export function backtraceLines({ frames, more }: Backtrace, language: Language): string[] {
  return [
    ...frames.map(({ text, own, times, isGuess }) =>
      [own ? '▸' : '·', text, ...(times ? [`× ${times}`] : []), ...(isGuess ? [language.guess] : [])].join(
        ' ',
      ),
    ),
    ...(more > 0 ? [language.moreFrames(more)] : []),
  ]
}

/** Without the headers of the module only the offset in its file is known, which is not what addr2line takes. */
function siteOf({ module, address, offset }: ReportCrash, language: Language): Backtrace {
  if (module === undefined) return NO_BACKTRACE
  const text =
    address === undefined && offset !== undefined
      ? plain(language.fileOffset({ file: lastOf(module), offset }), LONGEST_FUNCTION)
      : textOf({ module, ...(address === undefined ? {} : { address }) })
  return { frames: [{ text, own: false }], more: 0 }
}

/** `Basket::total() const (basket.cc:41)`: the program's own code that was called last; `null`: it has no name. */
export function ownSiteOf({ crash }: CrashReport): string | null {
  const own = crash?.frames?.find(frame => frame.own === true)
  if (own?.function === undefined) return null
  const place = placeOf(own)
  return `${plain(own.function, LONGEST_SITE)}${place === '' ? '' : ` (${place})`}`
}

function textOf(frame: ReportFrame): string {
  return [calledOf(frame), placeOf(frame)].filter(part => part !== '').join('  ')
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
