/** A piece of an object, and the buffer that it lies in. */
export interface Part {
  readonly number: number
  readonly buffer: Buffer
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** A full part is handed on only when there is more, so that the last one is known to be the last. */
export async function* cut(
  chunks: AsyncIterable<Uint8Array>,
  take: () => Promise<Buffer>,
): AsyncGenerator<Part> {
  let number = 1
  let filled = 0
  let buffer = await take()
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      if (filled === buffer.length) {
        yield { number: number++, buffer, bytes: buffer, last: false }
        buffer = await take()
        filled = 0
      }
      const piece = chunk.subarray(taken, taken + buffer.length - filled)
      buffer.set(piece, filled)
      filled += piece.length
      taken += piece.length
    }
  }
  yield { number, buffer, bytes: buffer.subarray(0, filled), last: true }
}
