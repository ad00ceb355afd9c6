import type { Coredump } from '../../coredump/coredump.ts'
import type { GroupCount } from '../source/source.ts'

/** Crashes of one bug of one workload. */
export interface GroupedCrashes extends Omit<GroupCount, 'nodes'> {
  readonly newest: Coredump
  /** `null`: nobody counts it for the whole cluster, and all numbers are those of the crashes that were listed. */
  readonly nodes: number | null
}

/** `crashes`, the newest first, by what they are counted by; those that came most often first. */
export function groupedCrashes(crashes: readonly Coredump[]): readonly GroupedCrashes[] {
  const groups = Map.groupBy(crashes, bugOf)
  return mostFirst(
    [...groups.values()].flatMap(([newest, ...older]) => (newest ? [listed(newest, older)] : [])),
  )
}

/** `group` as the cluster counts it, which may be minutes behind what was listed. */
export function asCounted(group: GroupedCrashes, count: GroupCount): GroupedCrashes {
  const [earlier, later] = [
    count.first < group.first ? count : group,
    count.last > group.last ? count : group,
  ]
  return {
    ...count,
    newest: group.newest,
    crashes: Math.max(count.crashes, group.crashes),
    pods: Math.max(count.pods, group.pods),
    first: earlier.first,
    last: later.last,
  }
}

export function mostFirst(groups: readonly GroupedCrashes[]): readonly GroupedCrashes[] {
  return groups.toSorted(
    (one, other) => other.crashes - one.crashes || other.last.getTime() - one.last.getTime(),
  )
}

/** What the pod belongs to; the pod itself, where nobody said. */
export function workloadOf({ spec }: Coredump): string {
  const { workload, pod } = spec
  return workload === undefined ? `pod/${pod.name}` : `${workload.kind}/${workload.name}`
}

/** Of one without a group it is only known how it ended. */
function bugOf(crash: Coredump): string {
  const { metadata, spec, status } = crash
  return JSON.stringify([metadata.namespace, workloadOf(crash), status.group ?? spec.signal?.name])
}

function listed(newest: Coredump, older: readonly Coredump[]): GroupedCrashes {
  const all = [newest, ...older]
  const times = all.map(({ metadata }) => new Date(metadata.creationTimestamp))
  const images = all.map(({ spec }) => spec.image).filter(image => image !== undefined)
  return {
    newest,
    crashes: all.length,
    nodes: null,
    pods: new Set(all.map(({ spec }) => spec.pod.name)).size,
    images: [...new Set(images)].slice(0, MOST_IMAGES),
    first: times.at(-1) ?? new Date(Number.NaN),
    last: times[0] ?? new Date(Number.NaN),
  }
}

/** As many as are counted. */
const MOST_IMAGES = 5
