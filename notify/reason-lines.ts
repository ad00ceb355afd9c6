import type { CrashReport } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language } from './language/language.ts'

const LONGEST_SAYING = 600
const LONGEST_SENTENCE = 2000
/** As much of what the program said tells that the reason quotes it: there it may be cut. */
const TELLING_CHARACTERS = 60

/**
 * Why it crashed; of a report without a reason, what the kernel said of the signal. What the program itself
 * said is not said twice.
 */
export function reasonLines(report: CrashReport, language: Language): string[] {
  const { reason, reasonCode, abortMessage, unexplained } = report.crash ?? {}
  const isSaid = !abortMessage || isQuoted(abortMessage, reason ?? '')
  return [
    ...(reason ? [inWords(reason, reasonCode, language)] : signalLines(report)),
    ...(unexplained && !reason ? [language.unexplained(plain(unexplained))] : []),
    ...(isSaid ? [] : [language.saying(plain(abortMessage, LONGEST_SAYING))]),
  ]
}

/** Cut when it is in its language: a sentence without its end is known in none. */
function inWords(reason: string, code: string | undefined, language: Language): string {
  return plain(language.reason({ sentence: plain(reason, LONGEST_SENTENCE), code }))
}

/** libc writes stars around it; an assertion has program and place before it, and a panic of Rust its place. */
function isQuoted(abortMessage: string, reason: string): boolean {
  const bare = abortMessage
    .replace(/^\*\*\* ([^*]+) \*\*\*.*$/, '$1')
    .replace(/^.{0,1000}?(?=Assertion `)/, '')
    .replace(/^panicked at (?:.{1,600}?:\d{1,8}:\d{1,6}: )?/, '')
  return reason.includes(bare.slice(0, TELLING_CHARACTERS).replace(/\.$/, ''))
}

/** `SEGV_MAPERR, 0x0` */
function signalLines({ signal }: CrashReport): string[] {
  const said = [signal?.code, signal?.faultAddress].filter(Boolean)
  return said.length === 0 ? [] : [plain(said.join(', '))]
}
