import { NotFoundError } from './errors.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * A small object of ours as a text. `null`: there is none. Empty: it is longer than any of ours, as whoever may write to
 * the store can make one.
 */
export async function smallText(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  mostBytes: number,
  signal?: AbortSignal,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of (await store.get(key, { signal })) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > mostBytes) return ''
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof NotFoundError) return null
    throw cause
  }
  return Buffer.concat(chunks).toString()
}
