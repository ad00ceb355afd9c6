import type { ObjectStore } from '../storage/object-store.ts'
import { smallText } from '../storage/small-text.ts'
import { type PlaceRecord, parsePlace } from './place-record.ts'

/** Ours are some hundred bytes. */
const MOST_BYTES = 8192

/** Who has the place `key`; `null`: nobody, or nobody of ours. */
export async function readPlace(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  signal?: AbortSignal,
): Promise<PlaceRecord | null> {
  const text = await smallText(store, key, MOST_BYTES, signal)
  return text === null ? null : parsePlace(text)
}

/** No core of the crash `id` is kept after all, so another one's may be. Twice does no harm. */
export async function giveBackPlace(
  store: Pick<ObjectStore, 'get' | 'remove'>,
  key: string,
  id: string,
): Promise<void> {
  if ((await readPlace(store, key))?.id === id) await store.remove(key)
}
