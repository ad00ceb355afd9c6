import { ageInWords } from '../terminal/units.ts'
import { mutedUntil, timeInWords } from './group-facts.ts'
import { type GroupedCrashes, workloadOf } from './grouped-crashes.ts'

const NONE = '-'

export interface GroupColumns {
  readonly isWide: boolean
  readonly hasNamespaces: boolean
  readonly hasClusters: boolean
}

export function groupHead({ isWide, hasNamespaces, hasClusters }: GroupColumns): readonly string[] {
  return [
    ...(hasClusters ? ['CLUSTER'] : []),
    ...(hasNamespaces ? ['NAMESPACE'] : []),
    ...['LATEST', 'WORKLOAD', 'CRASHES', 'NODES', 'FIRST', 'LAST'],
    ...(isWide ? ['PODS', 'MUTED UNTIL', 'GROUP', 'IMAGES'] : []),
    // Sentences, which would push what stands behind them off the screen.
    'REASON',
  ]
}

export function groupRow(
  group: GroupedCrashes,
  { isWide, hasNamespaces, hasClusters }: GroupColumns,
  now: Date,
): readonly string[] {
  const { cluster, newest, crashes, nodes, first, last } = group
  const { metadata, spec, status } = newest
  const until = mutedUntil(group, now)
  return [
    ...(hasClusters ? [cluster ?? NONE] : []),
    ...(hasNamespaces ? [metadata.namespace] : []),
    spec.id,
    workloadOf(newest),
    `${crashes}${until === null ? '' : ' (muted)'}`,
    nodes === null ? NONE : String(nodes),
    ageInWords(first, now),
    ageInWords(last, now),
    ...(isWide ? [String(group.pods), until ?? NONE, status.group ?? NONE, imagesOf(group)] : []),
    status.reason ?? NONE,
  ]
}

/** For programs. */
export function groupObject(group: GroupedCrashes, now: Date): object {
  const { cluster, newest, crashes, nodes, pods, images, first, last } = group
  const { metadata, spec, status } = newest
  const until = mutedUntil(group, now)
  return {
    ...(cluster !== null && { cluster }),
    namespace: metadata.namespace,
    latest: { id: spec.id, name: metadata.name },
    workload: spec.workload,
    group: status.group,
    reason: status.reason,
    crashes,
    ...(nodes !== null && { nodes }),
    ...{ pods, images, first: timeInWords(first), last: timeInWords(last) },
    ...(until !== null && { mutedUntil: until }),
  }
}

function imagesOf({ images }: GroupedCrashes): string {
  return images.length === 0 ? NONE : images.join(', ')
}
