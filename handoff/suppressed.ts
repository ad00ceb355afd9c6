import { fieldsIn, fieldsOf } from '../crash/fields.ts'
import type { Notification } from '../notify/notification.ts'
import type { GroupRule } from './group-standing.ts'
import { isNotification } from './outbox-entry.ts'

/**
 * The last crash of a group whose core was not kept, as it lies beside the group's file. The installer adds
 * how many there were.
 */
export interface Suppressed {
  readonly notice: Notification
  /** By which it was not kept. */
  readonly rule: GroupRule
}

const VERSION = 1
const SUFFIX = '.suppressed.json'

/** Where the word of the group in `groupFile` lies. */
export function suppressedFile(groupFile: string): string {
  return `${groupFile}${SUFFIX}`
}

/** The group's file of which `name` is the word; `null`: it is none. */
export function groupFileOf(name: string): string | null {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null
}

export function encodeSuppressed(suppressed: Suppressed): string {
  return `${JSON.stringify({ version: VERSION, ...suppressed })}\n`
}

/** `null`: it is none, or one of a version that we do not know. */
export function parseSuppressed(text: string): Suppressed | null {
  const { version, notice: notification, rule } = fieldsIn(text) ?? {}
  return version === VERSION && isNotification(notification) && isRule(rule)
    ? { notice: notification, rule }
    : null
}

function isRule(value: unknown): value is GroupRule {
  const { windowSeconds, keep } = fieldsOf(value)
  return [windowSeconds, keep].every(number => typeof number === 'number' && number > 0)
}
