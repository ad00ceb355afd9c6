import { type Fields, fieldsIn, isFields } from '../crash/fields.ts'
import type { CrashReport, ReportLog } from '../crash/report.ts'
import type { Writer } from '../durable/writer.ts'

/**
 * A crash that is being stored, on the node's own disk, so that the installer can finish what its writer did
 * not: the writer was killed, or the store refused. Parts of the core that the store did not take lie beside
 * it.
 */
export interface SpoolRecord {
  readonly id: string
  /**
   * The process that is at it; while it lives, no other touches the record. `null`: it has done what it
   * could.
   */
  readonly writer: Writer | null
  /** Of the crash, below `StoreDir`. */
  readonly folder: string
  /** As far as it is known; all of it if `sealed`. */
  readonly report: CrashReport
  readonly sealed: boolean
  /** For the notification: the name by which users filter. */
  readonly corefilePath: string
  /** `null`: there is no core to finish, only its report. */
  readonly core: SpooledCore | null
  /** What the report is to say of the container's log, of which the text lies beside this. Absent: none does. */
  readonly log?: ReportLog
  /**
   * Key of the place that its core has, or may have, among those that the cluster keeps: to be given back if the core is
   * not whole. Absent: it has none.
   */
  readonly place?: string
  /** The installer has had it counted with those of all nodes. Absent: not yet, or its handler has. */
  readonly counted?: true
  /** Every destination has been told; only the report is missing. */
  readonly told: boolean
}

export interface SpooledCore {
  /** Below `StoreDir`. */
  readonly key: string
  /** Of every part but the last; `null`: no part was handed to the store or the spool. */
  readonly partBytes: number | null
  /** `null`: none had begun. */
  readonly uploadId: string | null
  /**
   * All parts up to this one are in the store or beside this record. `null`: the writer did not come to its
   * end.
   */
  readonly lastPart: number | null
  /** Why it was cut on the node; `null`: it was not. */
  readonly cut: string | null
  /** From which part on it is gone, because the store confirmed that one and lost it. Absent: it is not. */
  readonly lost?: { readonly number: number; readonly reason: string }
  /**
   * So many parts the store has confirmed as the whole object, which was not seen there yet. Absent: none.
   */
  readonly confirmedParts?: number
}

const VERSION = 1

export function encodeSpoolRecord(record: SpoolRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`
}

/** `null`: it is no record, or one of a version that we do not know. */
export function decodeSpoolRecord(text: string): SpoolRecord | null {
  const found = fieldsIn(text)
  if (found?.version !== VERSION) return null
  const { version: _, ...record } = found
  return isRecord(record) ? record : null
}

function isRecord(value: Fields): value is Fields & SpoolRecord {
  const { id, writer, folder, report, sealed, corefilePath, core, log, place, counted, told } = value
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{12}$/.test(id) &&
    (writer === null || isWriter(writer)) &&
    typeof folder === 'string' &&
    isFields(report) &&
    report.id === id &&
    typeof sealed === 'boolean' &&
    typeof corefilePath === 'string' &&
    (core === null || isCore(core)) &&
    (log === undefined || isFields(log)) &&
    (place === undefined || typeof place === 'string') &&
    (counted === undefined || counted === true) &&
    typeof told === 'boolean'
  )
}

function isCore(value: unknown): value is SpooledCore {
  if (!isFields(value)) return false
  const { key, partBytes, uploadId, lastPart, cut, lost, confirmedParts } = value
  return (
    typeof key === 'string' &&
    (partBytes === null || isCount(partBytes)) &&
    (uploadId === null || typeof uploadId === 'string') &&
    (lastPart === null || isCount(lastPart)) &&
    (cut === null || typeof cut === 'string') &&
    (confirmedParts === undefined || isCount(confirmedParts)) &&
    (lost === undefined || (isFields(lost) && isCount(lost.number) && typeof lost.reason === 'string'))
  )
}

/** Whether a file says so. */
export function isWriter(value: unknown): value is Writer {
  return (
    isFields(value) && isCount(value.pid) && isCount(value.startTicks) && typeof value.bootId === 'string'
  )
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
