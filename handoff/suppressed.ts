import type { Notification } from '../notify/notification.ts'
import type { CaseRule } from './case-file.ts'
import { isNotification } from './outbox-entry.ts'

/** The last crash of a case whose core was not kept, as it lies beside the case's file. The installer adds how many there were. */
export interface Suppressed {
  readonly notice: Notification
  /** By which it was not kept. */
  readonly rule: CaseRule
}

const VERSION = 1
const SUFFIX = '.suppressed.json'

/** Where the word of the case in `caseFile` lies. */
export function suppressedFile(caseFile: string): string {
  return `${caseFile}${SUFFIX}`
}

/** The case's file of which `name` is the word; `null`: it is none. */
export function caseFileOf(name: string): string | null {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null
}

export function encodeSuppressed(suppressed: Suppressed): string {
  return `${JSON.stringify({ version: VERSION, ...suppressed })}\n`
}

/** `null`: it is none, or one of a version that we do not know. */
export function parseSuppressed(text: string): Suppressed | null {
  const { version, notice: notification, rule } = objectIn(text)
  return version === VERSION && isNotification(notification) && isRule(rule)
    ? { notice: notification, rule }
    : null
}

function isRule(value: unknown): value is CaseRule {
  const { windowSeconds, keep } = Object(value)
  return [windowSeconds, keep].every(number => typeof number === 'number' && number > 0)
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {} // not JSON: no word of ours
  }
}
