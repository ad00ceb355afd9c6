import { fieldsIn, isFields } from '../crash/fields.ts'
import type { Notification } from '../notify/notification.ts'
import { isTarget, type Target } from '../notify/target.ts'

/**
 * A crash of which some destination is still to hear. It holds the notification's link, so it is for root
 * alone.
 */
export interface OutboxEntry {
  readonly notice: Notification
  /** The destinations that have not heard of it yet, in the order in which they are told. Never empty. */
  readonly pending: readonly Target[]
  /** RFC 3339. Not delivered before: until then the process that took it is at it. `null`: it is due. */
  readonly notBefore: string | null
  /** How often the installer began to deliver it. */
  readonly attempts: number
  /** RFC 3339: when it was written first. */
  readonly firstAt: string
}

/** A notification that no destination has yet, written at `at`. `notBefore` null: it is due. */
export function newEntry(
  notification: Notification,
  pending: readonly Target[],
  at: Date,
  notBefore: Date | null,
): OutboxEntry {
  const [firstAt, due] = [at.toISOString(), notBefore?.toISOString() ?? null]
  return { notice: notification, pending, notBefore: due, attempts: 0, firstAt }
}

const VERSION = 1

const CRASH_ID = /^[0-9a-f]{12}$/

export function encodeEntry(entry: OutboxEntry): string {
  return `${JSON.stringify({ version: VERSION, ...entry })}\n`
}

/** `null`: it is not an entry, or one of a version that we do not know. */
export function parseEntry(text: string): OutboxEntry | null {
  const found = fieldsIn(text)
  if (found?.version !== VERSION || !isNotification(found.notice)) return null
  const { notice: notification, pending, notBefore, attempts, firstAt } = found
  const valid =
    Array.isArray(pending) &&
    pending.length > 0 &&
    pending.every(isTarget) &&
    (notBefore === null || isTime(notBefore)) &&
    Number.isSafeInteger(attempts) &&
    isTime(firstAt)
  // Checked above, but for TypeScript, which does not follow a condition through a constant of several.
  return valid ? ({ notice: notification, pending, notBefore, attempts, firstAt } as OutboxEntry) : null
}

/** What a crash's entry is called, and its report's id by which it is found again. */
export function isCrashId(id: unknown): id is string {
  return typeof id === 'string' && CRASH_ID.test(id)
}

/** Whether it is a notification, as far as it is looked at before it is told. */
export function isNotification(value: unknown): value is Notification {
  if (!isFields(value) || !isFields(value.report)) return false
  const { outcome, link, reportLink = null, executableLink = null, symbolsLink = null } = value
  const { corefilePath, lastLines = [], report } = value
  return (
    ['stored', 'incomplete', 'lost', 'suppressed'].includes(String(outcome)) &&
    [link, reportLink, executableLink, symbolsLink].every(it => it === null || typeof it === 'string') &&
    typeof corefilePath === 'string' &&
    Array.isArray(lastLines) &&
    lastLines.every(line => typeof line === 'string') &&
    isCrashId(report.id)
  )
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
