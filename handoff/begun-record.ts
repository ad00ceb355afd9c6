import { fieldsIn, isFields } from '../crash/fields.ts'
import type { Identity } from '../crash/identity.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Writer } from '../durable/writer.ts'
import { isWriter } from './spool-record.ts'

/**
 * A crash whose handler has begun, as far as the handler had come: what is left of it if the handler is
 * killed before it has a {@link SpoolRecord}. The kernel reports nothing of a handler that is killed.
 */
export interface BegunRecord {
  readonly id: string
  /** The handler. */
  readonly writer: Writer
  /** All that the handler knew. */
  readonly report: CrashReport
  /** `null`: not known, or not for sure. */
  readonly identity: Identity | null
  /** Whether the handler had decided that the crash is to be kept. Until then its owner may not want it. */
  readonly isWanted: boolean
}

const VERSION = 1

export function encodeBegunRecord(record: BegunRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`
}

/** `null`: it is no record, or one of a version that we do not know. */
export function decodeBegunRecord(text: string): BegunRecord | null {
  const found = fieldsIn(text)
  if (found?.version !== VERSION) return null
  const { id, writer, report, identity, isWanted } = found
  const valid =
    typeof id === 'string' &&
    /^[0-9a-f]{12}$/.test(id) &&
    isWriter(writer) &&
    isFields(report) &&
    report.id === id &&
    isIdentity(identity) &&
    typeof isWanted === 'boolean'
  // Checked above, but for TypeScript, which does not follow a condition through a constant of several.
  return valid ? ({ id, writer, report, identity, isWanted } as unknown as BegunRecord) : null
}

function isIdentity(value: unknown): boolean {
  if (value === null) return true
  if (!isFields(value)) return false
  const { kind, pod, container } = value
  return kind === 'host' || (kind === 'container' && isNamed(pod) && isNamed(container))
}

function isNamed(value: unknown): boolean {
  return value === null || (isFields(value) && typeof value.name === 'string')
}
