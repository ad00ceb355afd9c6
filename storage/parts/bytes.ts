/** A stream, or the whole thing in an array. `for await` reads both. */
export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
