import { setTimeout as pause } from 'node:timers/promises'
import { isPassing } from '../passing-failure.ts'
import { LostError } from './lost-error.ts'
import type { PartedObject, PartedUpload, StoredPart } from './parted-object.ts'

/**
 * Whether an object that the store confirmed was also seen there, whole (`seen`), or may not be looked at
 * (`unseen`). It did not answer when it was looked at (`unanswered`): the caller, or the installer, has to
 * look again.
 */
export type Sight = 'seen' | 'unseen' | 'unanswered'

/**
 * A Complete that failed may have worked: its answer got lost, or came after a proxy's patience, or the retry
 * of a lost one found the upload gone. By now all of the core is in the store and no process can send it
 * again, so we look before we give up, and never abort on the first failure. And one that worked may be a
 * lie, so we look then, too. Rejects with a {@link LostError} if it was one.
 */
export async function completeUpload(
  object: PartedObject,
  upload: PartedUpload,
  parts: readonly StoredPart[],
  sizeBytes: number,
  pausesMs: readonly number[],
): Promise<Sight> {
  let isConfirmed = false
  for (const pauseMs of [...pausesMs, null]) {
    const failure = await failureOf(() => upload.complete(parts))
    isConfirmed ||= failure === null
    const sight = await (failure === null ? sightOf(object, sizeBytes) : isStored(object, upload, sizeBytes))
    if (sight === 'seen' || sight === 'unseen') return sight
    if (pauseMs === null) {
      if (!isConfirmed) throw failure?.cause
      return sight ?? lostOrUnanswered(upload)
    }
    await pause(pauseMs)
  }
  throw new Error('there is always a last try')
}

async function failureOf(work: () => Promise<void>): Promise<{ readonly cause: unknown } | null> {
  try {
    await work()
    return null
  } catch (cause) {
    return { cause }
  }
}

/**
 * An upload that is still there has its parts: only the answer that it is complete was wrong. Without the
 * permission to ask it counts as gone.
 */
async function lostOrUnanswered(upload: PartedUpload): Promise<'unanswered'> {
  const parts = await upload.storedParts().catch(cause => (isPassing(cause, true) ? 'unanswered' : null))
  if (parts === 'unanswered') return parts
  throw LostError.ofObject(parts === null ? 'all' : [])
}

/** What fits one request. Rejects with a {@link LostError} if the store confirmed it and does not have it. */
export async function putAndLook(object: PartedObject, bytes: Uint8Array): Promise<Sight> {
  await object.putWhole(bytes)
  const sight = await sightOf(object, bytes.length)
  if (sight === null) throw LostError.ofObject('all')
  return sight
}

/** `null`: it is not there, or not whole. A store that will never say has confirmed it all the same. */
async function sightOf(object: PartedObject, sizeBytes: number): Promise<Sight | null> {
  try {
    const seen = await object.look()
    if (seen === 'hidden') return 'unseen'
    return seen === sizeBytes ? 'seen' : null
  } catch (cause) {
    // Credentials that have expired are renewed for the next request.
    return isPassing(cause, true) ? 'unanswered' : 'unseen'
  }
}

/** `null`: it is not. */
async function isStored(
  object: PartedObject,
  upload: PartedUpload,
  sizeBytes: number,
): Promise<Sight | null> {
  try {
    if ((await upload.storedParts()) !== null) return null
    // Credentials that may only write see nothing; but an upload that we did not abort and that is gone is
    // complete.
    const seen = await object.look()
    if (seen === 'hidden') return 'unseen'
    return seen === sizeBytes ? 'seen' : null
  } catch {
    return 'unanswered'
  }
}
