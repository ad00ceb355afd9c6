import { createHash } from 'node:crypto'
import { type IndexEntry, isGroup } from '../crash/index-entry.ts'
import type { ReportHead } from '../crash/report-head.ts'
import { signalName } from '../crash/signal.ts'
import {
  COREDUMP_API,
  type Coredump,
  type CoredumpPhase,
  type CoredumpSpec,
  type CoredumpStatus,
} from './coredump.ts'
import { coredumpName } from './coredump-name.ts'

/** The object for a crash. `report`: `null` where it could not be read; then the name of its index object is all. */
export function coredumpOf(entry: IndexEntry, report: ReportHead | null): Coredump {
  return {
    apiVersion: COREDUMP_API,
    kind: 'Coredump',
    metadata: {
      name: coredumpName(entry),
      namespace: entry.namespace,
      uid: uidOf(entry.id),
      creationTimestamp: entry.time.toISOString().replace('.000Z', 'Z'),
      labels: labelsOf(entry),
    },
    spec: specOf(entry, report),
    status: statusOf(entry, report),
  }
}

/** What its index object says, for selectors. A value that is no label's is left out. */
export function labelsOf({ pod, podUid, container, signal }: IndexEntry): Readonly<Record<string, string>> {
  const values = { pod, 'pod-uid': podUid, container, signal: signal === null ? null : signalName(signal) }
  const labels = Object.entries(values).filter(([, value]) => LABEL_VALUE.test(value ?? ''))
  return Object.fromEntries(labels.map(([name, value]) => [`coredog.io/${name}`, value ?? '']))
}

const LABEL_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** A UUID of version 8, which is for those of one's own making. */
function uidOf(id: string): string {
  const digits = createHash('sha256').update(`coredog.io/${id}`).digest('hex')
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
  ]
  return [...parts, digits.slice(20, 32)].join('-')
}

function specOf(entry: IndexEntry, report: ReportHead | null): CoredumpSpec {
  const { id, pod, podUid, container, comm, signal } = entry
  const { image, imageId } = report?.container ?? {}
  return seen({
    id,
    pod: seen({ name: pod, uid: podUid ?? undefined }),
    container: container === '' ? undefined : container,
    node: report?.node?.name,
    workload: report?.pod?.workload,
    ...{ image, imageId, comm },
    executable: report?.process?.executable,
    signal: signal === null ? undefined : { number: signal, name: signalName(signal) },
  })
}

function statusOf(entry: IndexEntry, report: ReportHead | null): CoredumpStatus {
  const { reason, reasonCode, group } = report?.crash ?? {}
  const { incompleteReason, dump, sizeBytes, compression, sha256 } = report?.core ?? {}
  return seen({
    phase: report === null ? undefined : phaseOf(report),
    ...{ reason, reasonCode, incompleteReason, dump },
    group: entry.group ?? (isGroup(group ?? '') ? group : undefined),
    seenCount: report?.seen?.count,
    ...{ sizeBytes, storedBytes: entry.storedBytes, compression, sha256 },
  })
}

function phaseOf({ core }: ReportHead): CoredumpPhase {
  if (core?.key !== undefined) return core.complete === true ? 'Stored' : 'Incomplete'
  return core?.kept === undefined ? 'Lost' : 'Suppressed'
}

type Seen<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** Without what was not seen. */
function seen<T extends object>(fields: T): Seen<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Seen<T>
}
