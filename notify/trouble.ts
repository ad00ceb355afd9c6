import { untoldWhy, whyNotKept } from '../crash/incomplete-core.ts'
import { plain } from '../untrusted/plain-text.ts'
import { updateLine } from './group-update.ts'
import type { Language } from './language/language.ts'
import { limitHint } from './limit-hint.ts'
import type { Notification } from './notification.ts'

const LONGEST_SENTENCE = 600

/**
 * Why the core is not whole, or not there at all, and what to do about it; what came of its group; nothing when all
 * went well.
 */
export function troubleOf(notification: Notification, language: Language): string[] {
  if (notification.update !== undefined) return [updateLine(notification.update, language)]
  if (notification.outcome === 'stored') return []
  const hint = notification.hint || limitHint(saidOf(notification) ?? '')
  return [what(notification, language), ...(!hint ? [] : [plain(language.hint(hint), LONGEST_SENTENCE)])]
}

function saidOf({ reason, report }: Notification): string | undefined {
  return reason ?? report.core?.incompleteReason
}

function what(notification: Notification, language: Language): string {
  const { outcome, report } = notification
  const said = saidOf(notification)
  const inWords = (english: string) => plain(language.incompleteReason(english), LONGEST_SENTENCE)
  const why = said === undefined ? language.unknownReason : inWords(whyNotKept(said))
  if (outcome === 'suppressed') return language.onlyCounted({ crashes: report.suppressed ?? 0, why })
  if (outcome === 'lost') return language.notKept({ why })
  const doubt = said === undefined ? null : untoldWhy(said)
  return doubt === null ? language.notWhole({ why }) : language.perhapsNotWhole({ why: inWords(doubt) })
}
