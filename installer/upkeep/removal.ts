import { readFile, rm } from 'node:fs/promises'
import { fieldsIn } from '../../crash/fields.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { forgetNames } from '../../crash-index/forget-names.ts'
import { CRASH_FILES, type StoredCrash } from '../../crash-index/stored-crash.ts'
import { anotherVersion, saysAnotherVersion } from '../../handoff/format-version.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

type Removed = Pick<StoredCrash, 'folder' | 'names'>

/**
 * Removes the rest of what a kill left half removed, whatever the configuration says by now: half of it is
 * gone. Only a release from before the journal was in the store has begun it. Rejects with an {@link OperatorError} if
 * another version began it: nothing else is removed before that is over.
 */
export async function finishRemoval(
  store: Pick<ObjectStore, 'list' | 'remove'>,
  journal: string,
): Promise<void> {
  const text = await readFile(journal, 'utf8').catch(orIfMissing(''))
  if (saysAnotherVersion(text)) throw anotherVersion(journal)
  const removed = removedIn(text)
  if (removed !== null) {
    for (const name of CRASH_FILES)
      if (removed.names.includes(name)) await store.remove(`${removed.folder}/${name}`)
    await forgetNames(store, removed.folder)
  }
  await rm(journal, { force: true })
}

/** `null`: nothing that we would remove. */
function removedIn(text: string): Removed | null {
  const { folder, names } = fieldsIn(text) ?? {}
  if (typeof folder !== 'string' || !Array.isArray(names)) return null
  return parseCrashFolder(folder) === null ? null : { folder, names }
}
