import { BINARIES } from '../crash/binary-key.ts'
import { GROUPS } from '../crash/group-key.ts'
import { INDEX } from '../crash/index-entry.ts'
import { QUOTA } from '../crash/quota.ts'
import { UPKEEP } from '../crash/upkeep-key.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'

/** Below them there is no crash, and for each crash several objects. */
const PASSED_OVER = [BINARIES, GROUPS, INDEX, QUOTA, UPKEEP]

/** What is in the store, in key order, without listing what holds no crash. */
export async function* crashObjects(
  store: Pick<ObjectStore, 'list'>,
): AsyncGenerator<ObjectInfo, void, void> {
  let after: string | null = ''
  while (after !== null) after = yield* upToOther(store.list('', after))
}

/** Returns the key behind which it goes on; `null`: that was all. */
async function* upToOther(
  objects: AsyncIterable<ObjectInfo>,
): AsyncGenerator<ObjectInfo, string | null, void> {
  for await (const object of objects) {
    const folder = PASSED_OVER.find(folder => object.key.startsWith(`${folder}/`))
    // The character behind the slash.
    if (folder !== undefined) return `${folder}0`
    yield object
  }
  return null
}
