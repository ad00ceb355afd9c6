import { LostError } from '../parts/lost-error.ts'
import type { PartedObject, PartedUpload, StoredPart } from '../parts/parted-object.ts'
import { contentOf, type Rereadable } from '../rereadable.ts'
import { symptomOf } from '../symptom.ts'
import { isNoSuchUpload, isThere, S3Object, type S3Place, statusOf } from './s3-object.ts'

/** Of a larger one, so that there are no more parts than S3 takes. */
const PART_BYTES = 8 * 2 ** 20
const MOST_PARTS = 10_000

/**
 * One part after the other, all in the same memory: what can be read again needs no more. `once`: the headers by
 * which a store takes an object only where there is none; one that does not know them is asked without. So is one
 * that says it has the object and does not: another handler was about to store it, or it lost a part.
 */
export async function putOnce(
  place: S3Place,
  content: Rereadable,
  once: Readonly<Record<string, string>>,
): Promise<'stored' | 'present'> {
  const object = new S3Object(place)
  try {
    await send(new S3Object({ ...place, condition: once }), content)
  } catch (cause) {
    content.signal.throwIfAborted()
    if (mayBeThere(cause) && (await isThereAfterAll(object, content))) return 'present'
    if (!isThere(cause) && !isUnknownHeader(cause)) throw cause
    if (isThere(cause) && (await isWhole(object, content))) return 'present'
    await send(object, content)
  }
  if (!(await isWhole(object, content))) throw LostError.ofObject('all')
  return 'stored'
}

/** Whoever stored it: where the answer got lost, it may have been a 412 or the confirmation. */
async function isThereAfterAll(object: PartedObject, { sizeBytes }: Rereadable): Promise<boolean> {
  const seen = await object.look().catch(() => 'unknown')
  return seen === sizeBytes
}

/** A store that may not be looked at is believed. */
async function isWhole(object: PartedObject, { sizeBytes }: Pick<Rereadable, 'sizeBytes'>): Promise<boolean> {
  const seen = await object.look()
  return seen === 'hidden' || seen === sizeBytes
}

async function send(object: S3Object, content: Rereadable): Promise<void> {
  const { sizeBytes, signal } = content
  signal.throwIfAborted()
  const partBytes = Math.min(sizeBytes, Math.max(PART_BYTES, Math.ceil(sizeBytes / MOST_PARTS)))
  const pieces = piecesOf(content, partBytes)
  if (sizeBytes <= partBytes) {
    for await (const bytes of pieces) await object.putWhole(bytes, signal)
    return
  }
  const upload = await object.begin()
  try {
    await sendParts(upload, pieces, signal)
  } catch (cause) {
    const gone = upload.abort().catch(() => undefined)
    // A store that does not answer is not waited for: the installer removes what is left.
    if (!signal.aborted) await gone
    throw cause
  }
}

async function sendParts(
  upload: PartedUpload,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const parts: StoredPart[] = []
  for await (const bytes of pieces) parts.push(await upload.putPart(parts.length + 1, bytes, signal))
  await upload.complete(parts)
}

/** Full ones and the last one, each in the memory of the one before. */
async function* piecesOf(content: Rereadable, pieceBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes)
  let filled = 0
  for await (const chunk of contentOf(content)) {
    for (let taken = 0; taken < chunk.length; ) {
      if (filled === pieceBytes) {
        yield piece
        filled = 0
      }
      const lengthBytes = Math.min(pieceBytes - filled, chunk.length - taken)
      piece.set(chunk.subarray(taken, taken + lengthBytes), filled)
      filled += lengthBytes
      taken += lengthBytes
    }
  }
  yield piece.subarray(0, filled)
}

/** There was no answer, or there was none to an earlier try, which has ended the upload. */
function mayBeThere(cause: unknown): boolean {
  return symptomOf(cause).status === 0 || isNoSuchUpload(cause)
}

function isUnknownHeader(cause: unknown): boolean {
  return statusOf(cause) === 501 || symptomOf(cause).code === 'NotImplemented'
}
