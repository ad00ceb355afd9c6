import type { ReportCore } from './report.ts'

const NOT_KEPT = 'not kept: '
const UNTOLD = 'it cannot be told whether it is whole: '

/** What a report says of a core of which nothing was kept, and why. */
export function notKept(why: string): Pick<ReportCore, 'complete' | 'incompleteReason'> {
  return { complete: false, incompleteReason: `${NOT_KEPT}${why}` }
}

/**
 * Why a core was not kept, for a sentence that says that it was not: of a report's `incompleteReason` without
 * its first words.
 */
export function whyNotKept(reason: string): string {
  return reason.startsWith(NOT_KEPT) ? reason.slice(NOT_KEPT.length) : reason
}

/** Of a core that could not be read as far as to tell whether it is whole. */
export function untold(why: string): string {
  return `${UNTOLD}${why}`
}

/** Why it cannot be told whether a core is whole; `null`: the reason says why it is not. */
export function untoldWhy(reason: string): string | null {
  return reason.startsWith(UNTOLD) ? reason.slice(UNTOLD.length) : null
}

/** Why a core is not whole, or why that is unknown, as a sentence of its own. */
export function incompleteSentence(reason: string): string {
  const doubt = untoldWhy(reason)
  return doubt === null ? `It is not whole: ${reason}` : `It cannot be told whether it is whole: ${doubt}`
}
