import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { StoredObject } from './stored-object.ts'

interface CoreForm {
  /** Of the object, in the crash's folder. */
  readonly file: string
  readonly type: string
}

export const CORE_FORMS: readonly CoreForm[] = [
  { file: 'core.gz', type: 'application/gzip' },
  { file: 'core.zst', type: 'application/zstd' },
  { file: 'core', type: 'application/x-core' },
]

export interface FoundCore {
  readonly info: ObjectInfo
  readonly form: CoreForm
}

/** The core in the crash's own folder, whatever its report says of keys; `null`: there is none. */
export async function findCore(
  store: Pick<ObjectStore, 'look'>,
  entry: IndexEntry,
): Promise<FoundCore | null> {
  for (const form of CORE_FORMS) {
    const info = await store.look(`${indexedFolder(entry)}/${form.file}`)
    if (typeof info === 'object') return { info, form }
  }
  return null
}

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
