import { type IndexEntry, indexedFolder } from '../crash/index-entry.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'

interface CoreForm {
  /** Of the object, in the crash's folder. */
  readonly file: string
  /** As HTTP calls it. */
  readonly type: string
}

const CORE_FORMS: readonly CoreForm[] = [
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
