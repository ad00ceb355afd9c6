import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { FoundCore } from '../../crash-index/find-core.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { StoredObject } from './stored-object.ts'

/** `report` says of it what the store does not: whether it is whole. */
export function coreObject(
  { info, form }: FoundCore,
  { id }: IndexEntry,
  report: CrashReport | null,
): StoredObject {
  const { sha256 = '', complete, incompleteReason = 'it is not said why' } = report?.core ?? {}
  const incomplete = complete === false && { 'coredog-incomplete': headerText(incompleteReason) }
  return {
    what: 'core',
    type: form.type,
    savedAs: form.file.replace('core', `core.${id}`),
    info,
    sha256: SHA256.test(sha256) ? sha256 : undefined,
    headers: { ...incomplete },
  }
}

const SHA256 = /^[0-9a-f]{64}$/
const LONGEST_HEADER = 200

/** A header takes ASCII only. */
function headerText(text: string): string {
  return plain(text, LONGEST_HEADER).replace(/[^\x20-\x7e]/g, '?')
}
