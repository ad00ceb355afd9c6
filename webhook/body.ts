import type { Readable } from 'node:stream'
import { type Reply, refusal } from '../serving/listener.ts'

/**
 * The API server takes requests of up to 3 MiB, and a review of CREATE holds the pod once. But a client may
 * send it as protobuf or YAML, and Go writes `<` as six bytes of JSON, so a review may be longer than what
 * was sent.
 */
const LARGEST_BODY_BYTES = 8 * 1024 * 1024
/** Of all requests together: the container has 128 MiB in the original's chart. */
const MOST_HELD_BYTES = 64 * 1024 * 1024

/** Reads the bodies of requests, and never holds too much of them. */
export class BodyReader {
  #heldBytes = 0

  /**
   * Hands the body to `use`, and counts it as held until that has ended. 413 and 503 for what is too much.
   */
  async with(request: Readable, use: (body: Buffer) => Promise<Reply>): Promise<Reply> {
    const chunks: Buffer[] = []
    let bytes = 0
    let held = 0
    let tooMuch: Reply | null = null
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length
        tooMuch ??= this.#tooMuch(bytes, chunk.length)
        // Read to its end all the same: a client that is cut off in the middle of sending does not see the
        // answer.
        if (tooMuch !== null) continue
        chunks.push(chunk)
        held += chunk.length
        this.#heldBytes += chunk.length
      }
      return tooMuch ?? (await use(Buffer.concat(chunks)))
    } finally {
      this.#heldBytes -= held
    }
  }

  #tooMuch(bytes: number, moreBytes: number): Reply | null {
    if (bytes > LARGEST_BODY_BYTES) return refusal(413, `the body has over ${LARGEST_BODY_BYTES} bytes`)
    if (this.#heldBytes + moreBytes > MOST_HELD_BYTES) return refusal(503, 'too many requests at once')
    return null
  }
}
