import { binaryKey, parseBinaryKey } from '../crash/binary-key.ts'
import type { IndexEntry } from '../crash/index-entry.ts'
import type { CrashReport } from '../crash/report.ts'

/** A program of the crash's own namespace that its report names: one for each path. */
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

export function namedBinaries(
  report: CrashReport | null,
  { cluster, namespace }: Pick<IndexEntry, 'cluster' | 'namespace'>,
): readonly NamedBinary[] {
  return (report?.binaries ?? []).slice(0, MOST_NAMED).flatMap(({ sha256 = '', buildId, path }) => {
    const key = binaryKey({ cluster, namespace }, buildId ?? null, sha256)
    if (parseBinaryKey(key) === null) return []
    return { key, sha256, ...(buildId !== undefined && { buildId }), ...(path !== undefined && { path }) }
  })
}

/** Builds that it names: of its programs, and of the symbols that named its frames. */
export function namedBuilds(report: CrashReport | null): readonly string[] {
  const { binaries = [], symbols = [] } = report ?? {}
  const builds = [...symbols, ...binaries]
    .map(({ buildId }) => buildId)
    .filter(buildId => buildId !== undefined)
  return [...new Set(builds)].slice(0, MOST_NAMED)
}
