import type { Coredump } from '../../coredump/coredump.ts'
import { type CrashSource, fewImages, type GroupCount } from '../source/source.ts'

/** Crashes of one bug of one workload. */
export interface GroupedCrashes extends Omit<GroupCount, 'nodes' | 'countedIn'> {
  /** `null`: there is but one. */
  readonly cluster: string | null
  readonly newest: Coredump
  /** The newest of each build, the newest one first: the nodes count each build by itself. */
  readonly ofBuilds: readonly Coredump[]
  /** `null`: nobody counts it for the whole cluster, and all numbers are those of the crashes that were listed. */
  readonly nodes: number | null
}

type Clusters = Pick<CrashSource, 'clusterOf'>

/** `crashes`, the newest first, by what they are counted by; those that came most often first. */
export function groupedCrashes(crashes: readonly Coredump[], source: Clusters): readonly GroupedCrashes[] {
  const clusterOf = (crash: Coredump) => source.clusterOf?.(crash) ?? null
  const groups = Map.groupBy(crashes, crash => `${clusterOf(crash)}\0${bugOf(crash)}`)
  const listed = [...groups.values()].flatMap(([newest, ...older]) =>
    newest ? [listedGroup(newest, older, clusterOf(newest))] : [],
  )
  return mostFirst(listed)
}

/** One bug that was listed under several names: a build whose symbols were found on some nodes alone has two. */
export function asOne(one: GroupedCrashes, other: GroupedCrashes): GroupedCrashes {
  const newer = other.last > one.last ? other : one
  const ofBuilds = newer === one ? [...one.ofBuilds, ...other.ofBuilds] : [...other.ofBuilds, ...one.ofBuilds]
  return {
    ...newer,
    ofBuilds,
    crashes: one.crashes + other.crashes,
    pods: one.pods + other.pods,
    images: fewImages([...newer.images, ...one.images, ...other.images]),
    first: one.first < other.first ? one.first : other.first,
  }
}

export function mostFirst(groups: readonly GroupedCrashes[]): readonly GroupedCrashes[] {
  return groups.toSorted(
    (one, other) => other.crashes - one.crashes || other.last.getTime() - one.last.getTime(),
  )
}

/** What the pod belongs to; the pod itself, where nobody said. */
export function workloadOf({ spec }: Pick<Coredump, 'spec'>): string {
  const { workload, pod } = spec
  return workload === undefined ? `pod/${pod.name}` : `${workload.kind}/${workload.name}`
}

/** The workload is part of a group's name. Of a crash without one it is only known how it ended. */
function bugOf(crash: Coredump): string {
  const { metadata, spec, status } = crash
  const bug = status.group === undefined ? [workloadOf(crash), spec.signal?.name] : [status.group]
  return JSON.stringify([metadata.namespace, ...bug])
}

function listedGroup(newest: Coredump, older: readonly Coredump[], cluster: string | null): GroupedCrashes {
  const all = [newest, ...older]
  const times = all.map(({ metadata }) => new Date(metadata.creationTimestamp))
  const images = all.map(({ spec }) => spec.image).filter(image => image !== undefined)
  return {
    cluster,
    newest,
    ofBuilds: [...Map.groupBy(all, buildOf).values()].flatMap(([first]) => (first ? [first] : [])),
    crashes: all.length,
    nodes: null,
    pods: new Set(all.map(({ spec }) => spec.pod.name)).size,
    images: fewImages(images),
    first: times.at(-1) ?? new Date(Number.NaN),
    last: times[0] ?? new Date(Number.NaN),
  }
}

function buildOf({ spec }: Coredump): string {
  return spec.imageId ?? spec.image ?? ''
}
