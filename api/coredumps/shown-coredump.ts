import type { Coredump } from '../../coredump/coredump.ts'
import { coredumpOf } from '../../coredump/coredump-of.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ReportHead } from '../../crash/report-head.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { Position } from './position.ts'

/** A path has no more. */
const LONGEST_TEXT = 4096
const MOST_BYTES = 16 * 1024

/**
 * The object for a crash, harmless on a terminal: `kubectl describe` writes what it gets. One that is larger than
 * that of any report of ours is made of the name alone.
 */
export function shownCoredump(entry: IndexEntry, report: ReportHead | null): Coredump {
  const { metadata, ...coredump } = coredumpOf(entry, report)
  const text = JSON.stringify(coredump, (_, value: unknown) =>
    typeof value === 'string' ? plain(value, LONGEST_TEXT) : value,
  )
  if (text.length > MOST_BYTES && report !== null) return shownCoredump(entry, null)
  const resourceVersion = versionOf(entry)
  // What was a coredump is one still: only texts were changed.
  return { ...(JSON.parse(text) as Coredump), metadata: { ...metadata, resourceVersion } }
}

/** Always the same, for a crash never changes. */
function versionOf({ time }: Pick<IndexEntry, 'time'>): string {
  return new Position(time.getTime()).toString()
}
