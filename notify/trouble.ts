import { untoldWhy, whyNotKept } from '../crash/incomplete-core.ts'
import { plain } from '../untrusted/plain-text.ts'
import type { Language } from './language/language.ts'
import type { Notification } from './notification.ts'

const LONGEST_SENTENCE = 600

/** Why the core is not whole, or not there at all, and what to do about it; nothing when all went well. */
export function troubleOf(notification: Notification, language: Language): string[] {
  const { outcome, hint } = notification
  if (outcome === 'stored') return []
  return [what(notification, language), ...(!hint ? [] : [plain(language.hint(hint), LONGEST_SENTENCE)])]
}

function what({ outcome, report, reason }: Notification, language: Language): string {
  const said = reason ?? report.core?.incompleteReason
  const inWords = (english: string) => plain(language.incompleteReason(english), LONGEST_SENTENCE)
  const why = said === undefined ? language.unknownReason : inWords(whyNotKept(said))
  if (outcome === 'suppressed') return language.onlyCounted({ crashes: report.suppressed ?? 0, why })
  if (outcome === 'lost') return language.notKept({ why })
  const doubt = said === undefined ? null : untoldWhy(said)
  return doubt === null ? language.notWhole({ why }) : language.perhapsNotWhole({ why: inWords(doubt) })
}
