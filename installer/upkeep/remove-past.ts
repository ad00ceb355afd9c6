import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'

/** As many as one request removes. */
const AT_ONCE = 1000

/** Removes, of the objects below `prefix`, those that are past. Resolves with how many. Rejects once `signal` aborts. */
export async function removePast(
  store: Pick<ObjectStore, 'list' | 'removeAll'>,
  prefix: string,
  isPast: (object: ObjectInfo) => boolean,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  let past: string[] = []
  const remove = async () => {
    await store.removeAll(past)
    removed += past.length
    past = []
  }
  for await (const object of store.list(prefix)) {
    signal.throwIfAborted()
    if (isPast(object)) past.push(object.key)
    if (past.length === AT_ONCE) await remove()
  }
  if (past.length > 0) await remove()
  return removed
}
