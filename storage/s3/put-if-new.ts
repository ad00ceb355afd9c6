import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { attemptsOf, isThere, S3Object, type S3Place } from './s3-object.ts'

/** A store that answers 409 because another one is in the middle of it is asked again, as after any passing failure. */
export async function putIfNew(
  place: S3Place,
  body: Uint8Array,
  signal: AbortSignal,
  read: () => Promise<Readable>,
): Promise<'won' | 'refused'> {
  try {
    await new S3Object(place).putWhole(body, signal)
    return 'won'
  } catch (cause) {
    if (!isThere(cause)) throw signal.aborted ? signal.reason : cause
    // The answer to an earlier try may have been lost, and what is there be our own.
    if (attemptsOf(cause) === 1) return 'refused'
    return (await buffer(await read())).equals(body) ? 'won' : 'refused'
  }
}
