import type { CrashReport } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language } from './language/language.ts'

const LONGEST_SAYING = 600
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
    ...(reason ? [language.reason({ sentence: plain(reason), code: reasonCode })] : signalLines(report)),
    ...(unexplained && !reason ? [language.unexplained(plain(unexplained))] : []),
    ...(isSaid ? [] : [language.saying(plain(abortMessage, LONGEST_SAYING))]),
  ]
}

/** libc writes stars around it, and an assertion has program and place before it. */
function isQuoted(abortMessage: string, reason: string): boolean {
  const bare = abortMessage
    .replace(/^\*\*\* ([^*]+) \*\*\*.*$/, '$1')
    .replace(/^.{0,1000}?(?=Assertion `)/, '')
  return reason.includes(bare.slice(0, TELLING_CHARACTERS).replace(/\.$/, ''))
}

/** `SEGV_MAPERR, 0x0` */
function signalLines({ signal }: CrashReport): string[] {
  const said = [signal?.code, signal?.faultAddress].filter(Boolean)
  return said.length === 0 ? [] : [plain(said.join(', '))]
}
