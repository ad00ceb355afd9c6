import { createHash } from 'node:crypto'
import { clusterIn, type IndexEntry } from './index-entry.ts'
import { keySegment } from './object-key.ts'
import type { CrashReport } from './report.ts'

/** What the nodes of a cluster leave for each other about crashes of one kind is below it, and no crash. */
export const GROUPS = '_groups'

/** The crashes that are one case to all nodes of a cluster. */
export interface ClusterGroup {
  /** Empty: it has no name. */
  readonly cluster: string
  /** First segment of the folders of its crashes. */
  readonly namespace: string
  readonly workload: string
  /** All that its crashes have in common, the workload among it. */
  readonly fingerprint: readonly string[]
}

/**
 * `_groups/<cluster>/<namespace>/<workload>/<site>`, without a slash at its end. `<site>` is a digest: what a key cannot
 * hold of the others makes no two groups one.
 */
export function groupFolder({ cluster, namespace, workload, fingerprint }: ClusterGroup): string {
  const site = createHash('sha256').update(fingerprint.join('\0')).digest('hex').slice(0, 32)
  return [GROUPS, clusterIn(cluster), namespace, keySegment(workload), site].join('/')
}

/** All places of a group begin with it: which cores of it are kept. */
export function keptPrefix(folder: string): string {
  return `${folder}/kept/`
}

/** The group's folder of a key below it; `null`: it is none of a group. */
export function groupFolderIn(key: string): string | null {
  const segments = key.split('/')
  const [root, cluster, namespace, workload, site = ''] = segments
  if (root !== GROUPS || segments.length < 6 || !/^[0-9a-f]{32}$/.test(site)) return null
  return [root, cluster, namespace, workload, site].join('/')
}

/**
 * The folder in which all nodes count crashes like this one. Its report is a stranger's word: `null` where it names
 * none, or one that is not of the cluster and the namespace of the crash, or that we would not name so.
 */
export function ownGroupFolder(
  { cluster, namespace }: Pick<IndexEntry, 'cluster' | 'namespace'>,
  report: Pick<CrashReport, 'countedIn'> | null,
): string | null {
  const folder = groupFolderIn(`${report?.countedIn ?? ''}/seen`)
  const [, ofCluster, ofNamespace, workload = ''] = folder?.split('/') ?? []
  const isOwn = ofCluster === clusterIn(cluster) && ofNamespace === namespace
  return isOwn && keySegment(workload) === workload ? folder : null
}
