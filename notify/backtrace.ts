import type { CrashReport, ReportCrash } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import { interpretedFrames } from './interpreted-frames.ts'
import type { Language } from './language/language.ts'
import { countFrames, lastOf, runsOf, type ShownFrame, siteOf, textOf } from './shown-frame.ts'

/** The frames of a stack that matter, and how many there are behind them. */
export interface Backtrace {
  readonly frames: readonly ShownFrame[]
  readonly more: number
}

export const NO_BACKTRACE: Backtrace = { frames: [], more: 0 }

const MOST_SHOWN = 5
const LONGEST_PLACE = 120

/**
 * The frames that matter: from the one that the program's own code called last to the program's own first one. Of an
 * interpreter's program, what that ran; of a crash without a stack the place where it was.
 */
export function backtraceOf({ crash }: CrashReport, language: Language): Backtrace {
  const interpreted = crash?.interpreterFrames ?? []
  // What raised it again, as faulthandler does, is no code of the program.
  const native = crash?.firstCause?.frames ?? crash?.frames ?? []
  if (interpreted.length > 0) return interpretedFrames(native, interpreted)
  if (crash?.frames === undefined) return crash === undefined ? NO_BACKTRACE : placeOfCrash(crash, language)
  const { frames } = crash
  const firstOwn = frames.findIndex(({ own }) => own === true)
  const from = Math.max(0, firstOwn - 1)
  const end = firstOwn === -1 ? frames.length : frames.findLastIndex(({ own }) => own === true) + 1
  const shown = { frames: runsOf(frames.slice(from, end)), more: frames.length - end }
  return shortBacktrace(shown, MOST_SHOWN)
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
function placeOfCrash({ module, address, offset }: ReportCrash, language: Language): Backtrace {
  if (module === undefined) return NO_BACKTRACE
  const text =
    address === undefined && offset !== undefined
      ? plain(language.fileOffset({ file: lastOf(module), offset }), LONGEST_PLACE)
      : textOf({ module, ...(address === undefined ? {} : { address }) })
  return { frames: [{ text, own: false }], more: 0 }
}

/**
 * `Basket::total() const (basket.cc:41)`: the program's own code that was called last, which of an interpreter's is
 * what that ran; `null`: it has no name.
 */
export function ownSiteOf({ crash }: CrashReport): string | null {
  const isOwn = ({ own }: { readonly own?: boolean }) => own === true
  const own = crash?.interpreterFrames?.find(isOwn) ?? crash?.frames?.find(isOwn)
  return own === undefined ? null : siteOf(own)
}
