import type { Bytes } from './parts/bytes.ts'

/** What can be sent again: a file, and no stream. */
export interface Rereadable {
  readonly sizeBytes: number
  /** From its beginning, in chunks as those of a body. If it throws, nothing is stored. */
  readonly read: () => Bytes
  /** When it aborts, the store is asked no more. */
  readonly signal: AbortSignal
}

/** All of it. Throws when its signal has aborted, and where there is more than it is said to have. */
export async function* contentOf({
  sizeBytes,
  read,
  signal,
}: Rereadable): AsyncGenerator<Uint8Array, void, void> {
  let readBytes = 0
  for await (const chunk of read()) {
    signal.throwIfAborted()
    readBytes += chunk.length
    if (readBytes > sizeBytes) throw new Error(`it has more than ${sizeBytes} bytes`)
    yield chunk
  }
}
