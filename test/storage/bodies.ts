import { randomBytes } from 'node:crypto'

/**
 * `bytes` in chunks of `chunkBytes` that all share one memory, as a reader with one buffer makes
 * them: what a store has not taken when it asks for the next chunk is overwritten.
 */
export function* chunked(bytes: Uint8Array, chunkBytes: number): Generator<Uint8Array, void, void> {
  const shared = Buffer.alloc(chunkBytes)
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = bytes.subarray(at, at + chunkBytes)
    shared.set(piece)
    yield shared.subarray(0, piece.length)
    shared.fill(0xee)
  }
}

/** A body that gives `bytes` and then dies. */
export async function* failingAfter(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array, void, void> {
  yield* chunked(bytes, 64 * 1024)
  throw error
}

/** A body without an end, and what became of it. */
export class Endless {
  readonly #chunk: Uint8Array
  chunks = 0
  stopped = false

  constructor(chunkBytes = 64 * 1024) {
    this.#chunk = randomBytes(chunkBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        this.chunks++
        yield this.#chunk
      }
    } finally {
      this.stopped = true
    }
  }
}

/** Everything that `source` gives. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}
