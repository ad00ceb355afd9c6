import { coredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import type { CrashReport } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { StatusError } from '../status-error.ts'
import { COREDUMPS } from './crash-asked.ts'

/** 404 that says why a crash has no core, and which one like it has. */
export function noCore(entry: IndexEntry, report: CrashReport | null): StatusError {
  const name = coredumpName(entry)
  const details = { name, group: COREDUMPS.slice(COREDUMPS.indexOf('.') + 1), kind: 'coredumps' }
  return new StatusError(404, 'NotFound', `${COREDUMPS} "${name}" has no core: ${why(entry, report)}`, {
    details,
  })
}

function why({ namespace }: IndexEntry, report: CrashReport | null): string {
  const { key, kept, incompleteReason } = report?.core ?? {}
  if (kept !== undefined && key === undefined) return `enough like it were kept${keptAs(kept.key, namespace)}`
  if (incompleteReason !== undefined) return plain(incompleteReason)
  return 'it is not in the store, or not any more'
}

/** Named only where it is a crash of the same namespace: whoever wrote the report may have written anything. */
function keptAs(coreKey: string, namespace: string): string {
  const [ofNamespace, ...folder] = coreKey.split('/').slice(-5, -1)
  const kept = parseCrashFolder([ofNamespace, ...folder].join('/'))
  return kept === null || ofNamespace !== namespace ? '' : `, as coredump "${coredumpName(kept)}"`
}
