import { NotFoundError } from '../storage/errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { type PlaceRecord, parsePlace } from './place-record.ts'

/** Ours are some hundred bytes. */
const MOST_BYTES = 8192

/** Who has the place `key`; `null`: nobody, or nobody of ours. */
export async function readPlace(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  signal?: AbortSignal,
): Promise<PlaceRecord | null> {
  try {
    const range = { firstByte: 0, lastByte: MOST_BYTES - 1 }
    const body = await store.get(key, { ...range, ...(signal && { signal }) })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return parsePlace(String(Buffer.concat(chunks)))
  } catch (cause) {
    if (cause instanceof NotFoundError) return null
    throw cause
  }
}

/** No core of the crash `id` is kept after all, so another one's may be. Twice does no harm. */
export async function giveBackPlace(
  store: Pick<ObjectStore, 'get' | 'remove'>,
  key: string,
  id: string,
): Promise<void> {
  if ((await readPlace(store, key))?.id === id) await store.remove(key)
}
