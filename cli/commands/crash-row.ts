import type { Coredump } from '../../coredump/coredump.ts'
import { ageInWords, bytesInWords } from '../terminal/units.ts'

/** What a table shows of crashes. */
export interface Columns {
  readonly isWide: boolean
  readonly hasNamespaces: boolean
}

const NONE = '-'

export function headOf({ isWide, hasNamespaces }: Columns): readonly string[] {
  return [
    ...(hasNamespaces ? ['NAMESPACE'] : []),
    ...['ID', 'AGE', 'POD', 'CONTAINER', 'SIGNAL', 'PROGRAM', 'SIZE', 'STORED', 'STATUS'],
    ...(isWide ? ['REASON', 'NODE', 'IMAGE'] : []),
  ]
}

export function rowOf(
  { metadata, spec, status }: Coredump,
  { isWide, hasNamespaces }: Columns,
  now: Date,
): readonly string[] {
  const { sizeBytes, storedBytes } = status
  return [
    ...(hasNamespaces ? [metadata.namespace] : []),
    spec.id,
    ageInWords(new Date(metadata.creationTimestamp), now),
    spec.pod.name,
    spec.container ?? NONE,
    spec.signal?.name ?? NONE,
    spec.executable ?? spec.comm ?? NONE,
    sizeBytes === undefined ? NONE : bytesInWords(sizeBytes),
    storedBytes === 0 ? NONE : bytesInWords(storedBytes),
    statusOf(status),
    ...(isWide ? [status.reason ?? NONE, spec.node ?? NONE, spec.image ?? NONE] : []),
  ]
}

function statusOf({ phase, dump, seenCount = 1 }: Coredump['status']): string {
  const dumped = dump === undefined ? [] : [`(${dump})`]
  return [phase ?? 'Unknown', ...dumped, ...(seenCount > 1 ? [`×${seenCount}`] : [])].join(' ')
}
