import { type BinaryOwner, binaryKey, clusterSegment, parseBinaryKey } from '../../crash/binary-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'

/** A program of the crash's own namespace that its report names. */
export interface NamedBinary {
  /** Made of the owner and the digest: the key that a report has is never used. */
  readonly key: string
  readonly sha256: string
  readonly buildId?: string
  /** As the process had it. */
  readonly path?: string
}

/** More than the handler names, and what a report of somebody else's making may make us ask the store for. */
const MOST_NAMED = 256

/** Whose programs a crash may name. */
export function ownerOf({ cluster, namespace }: IndexEntry): BinaryOwner {
  // `_none`, of a cluster without a name, is no segment of a key.
  return { cluster: cluster === '_none' ? cluster : clusterSegment(cluster), namespace }
}

export function namedBinaries(report: CrashReport | null, owner: BinaryOwner): readonly NamedBinary[] {
  const named = (report?.binaries ?? []).slice(0, MOST_NAMED).flatMap(({ sha256 = '', buildId, path }) => {
    const key = binaryKey(owner, buildId ?? null, sha256)
    if (parseBinaryKey(key) === null) return []
    return { key, sha256, ...(buildId !== undefined && { buildId }), ...(path !== undefined && { path }) }
  })
  return [...new Map(named.map(binary => [binary.key, binary])).values()]
}

/** Builds that it names: of its programs, and of the symbols that named its frames. */
export function namedBuilds(report: CrashReport | null): readonly string[] {
  const { binaries = [], symbols = [] } = report ?? {}
  const builds = [...symbols, ...binaries]
    .map(({ buildId }) => buildId)
    .filter(buildId => buildId !== undefined)
  return [...new Set(builds)].slice(0, MOST_NAMED)
}
