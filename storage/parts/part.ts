import { OperatorError } from '../../crash/errors.ts'
import { MAX_PARTS } from './part-size.ts'

/** A piece of an object, and the buffer that it lies in. */
export interface Part {
  readonly number: number
  readonly buffer: Buffer
  readonly bytes: Uint8Array
  readonly last: boolean
}

/**
 * Parts as long as the buffers that `take` gives, but for the last. A full one is handed on only when there
 * is more, so that the last one is known to be the last. Rejects with an {@link OperatorError} where there
 * are more parts than a store takes.
 */
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
        yield { number, buffer, bytes: buffer, last: false }
        number += 1
        if (number > MAX_PARTS) throw tooLong(buffer.length)
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

function tooLong(partBytes: number): OperatorError {
  return new OperatorError(
    `the data is longer than was announced: more than ${MAX_PARTS} parts of ${partBytes} bytes`,
    'This is a bug in CoreDog: please report it with this line.',
  )
}
