import { messageOf } from '../crash/errors.ts'
import { keySegment, newCrashId } from '../crash/object-key.ts'
import { StoreError } from '../storage/errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'

/** Whether of all who store under one key exactly one wins in this store, and all may see who. */
export type ConditionalWrites =
  | { readonly works: true }
  /** In words for a person. */
  | { readonly works: false; readonly reason: string }

type Tried = Pick<ObjectStore, 'putIfNew' | 'get' | 'list' | 'remove'>

const AT_ONCE = 50

/**
 * Tries it below `_self-test/`, and removes what it wrote: many stores take the condition and ignore it, some of them in
 * buckets with versions only. Rejects where the store could not be asked, and may be later.
 */
export async function tryConditionalWrites(
  store: Tried,
  node: string,
  signal: AbortSignal,
): Promise<ConditionalWrites> {
  const folder = `_self-test/${keySegment(node)}-${newCrashId()}-`
  try {
    const reason =
      (await whyNotOne(store, `${folder}1`, signal)) ?? (await whyNotMany(store, `${folder}2`, signal))
    return reason === null ? { works: true } : { works: false, reason }
  } catch (cause) {
    if (!isFinal(cause)) throw cause
    return { works: false, reason: messageOf(cause) }
  } finally {
    for (const key of [`${folder}1`, `${folder}2`]) await store.remove(key).catch(() => undefined)
  }
}

/** What the next hour will not change, or an operator has to: the keys of a node may not read, as they may be told to. */
function isFinal(cause: unknown): boolean {
  return cause instanceof StoreError && (!cause.passes || cause.status === 403)
}

async function whyNotOne(store: Tried, key: string, signal: AbortSignal): Promise<string | null> {
  const put = (who: string) => store.putIfNew(key, bodyOf(who), signal)
  if ((await put('first')) === 'refused') return 'it refuses the first object of a name'
  if ((await put('second')) === 'won') return 'it overwrites what it is asked to leave as it is'
  if ((await textAt(store, key, signal)) !== String(bodyOf('first')))
    return 'it refuses the second object of a name, and has it all the same'
  if (!(await isListed(store, key))) return 'it does not list at once what it stored'
  await store.remove(key)
  return (await put('third')) === 'won' ? null : 'it takes no object of a name that was removed'
}

async function whyNotMany(store: Tried, key: string, signal: AbortSignal): Promise<string | null> {
  const all = Array.from({ length: AT_ONCE }, (_, number) => store.putIfNew(key, bodyOf(`${number}`), signal))
  const settled = await Promise.allSettled(all)
  const failed = settled.find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  const winners = settled.filter(one => one.status === 'fulfilled' && one.value === 'won').length
  return winners === 1 ? null : `of ${AT_ONCE} that stored an object at once it told ${winners} that they did`
}

function bodyOf(who: string): Buffer {
  return Buffer.from(`coredog self-test ${who}\n`)
}

async function textAt(store: Tried, key: string, signal: AbortSignal): Promise<string> {
  let text = ''
  for await (const chunk of await store.get(key, { signal })) text += String(chunk)
  return text
}

async function isListed(store: Tried, key: string): Promise<boolean> {
  for await (const object of store.list(key)) return object.key === key
  return false
}
