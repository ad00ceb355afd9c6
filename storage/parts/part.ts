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
  let part = new Filling(1, await take())
  for await (const chunk of chunks) {
    let rest = chunk
    while (rest.length > 0) {
      if (part.isFull) {
        yield part.end(false)
        part = new Filling(part.number + 1, await take())
      }
      rest = part.fill(rest)
    }
  }
  yield part.end(true)
}

/** A part that is being filled. */
class Filling {
  readonly number: number
  readonly #buffer: Buffer
  #filled = 0

  constructor(number: number, buffer: Buffer) {
    if (number > MAX_PARTS) throw tooLong(buffer.length)
    this.number = number
    this.#buffer = buffer
  }

  get isFull(): boolean {
    return this.#filled === this.#buffer.length
  }

  /** What does not go into it any more. */
  fill(bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, this.#buffer.length - this.#filled)
    this.#buffer.set(taken, this.#filled)
    this.#filled += taken.length
    return bytes.subarray(taken.length)
  }

  end(last: boolean): Part {
    const buffer = this.#buffer
    return { number: this.number, buffer, bytes: buffer.subarray(0, this.#filled), last }
  }
}

function tooLong(partBytes: number): OperatorError {
  return new OperatorError(
    `the data is longer than was announced: more than ${MAX_PARTS} parts of ${partBytes} bytes`,
    'This is a bug in CoreDog: please report it with this line.',
  )
}
