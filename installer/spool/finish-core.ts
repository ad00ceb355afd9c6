import { untold } from '../../crash/incomplete-core.ts'
import { readPart, type Spooled } from '../../handoff/spool-entry.ts'
import type { SpooledCore } from '../../handoff/spool-record.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { completeUpload, type Sight } from '../../storage/parts/complete-upload.ts'
import { LostError, unanswered } from '../../storage/parts/lost-error.ts'
import type { PartedObject, PartedUpload, SizedPart, StoredPart } from '../../storage/parts/parted-object.ts'

/** What became of a core that its handler could not store to its end. */
export type FinishedCore =
  /** `checked`: it was seen in the store; `false`: the store does not let us look. */
  | { readonly kept: 'whole'; readonly checked: boolean }
  | { readonly kept: 'beginning'; readonly storedBytes: number; readonly reason: string }
  /** It is there, and our credentials may not see how much of it. */
  | { readonly kept: 'unseen'; readonly reason: string }
  | { readonly kept: 'nothing'; readonly reason: string }

/**
 * Called with what the record has to say from now on: the id of an upload before anything is sent to it, so
 * that a kill leaves none behind, what the store has confirmed and was not seen to have, and where the core
 * ends because the store lost it.
 */
type Note = (change: Partial<Pick<SpooledCore, 'uploadId' | 'confirmedParts' | 'lost'>>) => Promise<void>

const COMPLETE_PAUSES_MS = [1_000, 4_000]

/**
 * Brings to the store what it does not have yet, and completes the upload, begun by the handler or by an
 * installer. What the store says it has is the truth; the record may be older. Doing it again after a kill
 * gives the same. Rejects if the store refuses.
 */
export async function finishCore(
  spooled: Spooled,
  core: SpooledCore,
  store: ObjectStore,
  note: Note,
): Promise<FinishedCore> {
  const object = store.object(core.key, core.partBytes ?? 0)
  const uploadId = store.traits.resumes ? core.uploadId : null
  const finished = await bringRest(spooled, { ...core, uploadId }, object, note)
  // A handler that was killed between beginning an upload and noting its id has left one that is in no
  // record.
  await object.abortAll()
  return finished
}

async function bringRest(
  spooled: Spooled,
  core: SpooledCore,
  object: PartedObject,
  note: Note,
): Promise<FinishedCore> {
  const upload = core.uploadId === null ? null : object.resume(core.uploadId)
  const stored = upload === null ? null : await upload.storedParts()
  if (upload !== null && stored !== null) return sendRest({ spooled, core, object, upload, stored, note })
  const seen = await lookWhereWeMay(object)
  // The upload is gone because it was completed, and the process that did it was killed before it could note
  // it.
  if (typeof seen === 'number') return foundThere(spooled, core, seen)
  if (seen === 'hidden' && upload !== null && !spooled.parts.has(1))
    return isAllConfirmed(core) ? { kept: 'whole', checked: false } : UNSEEN
  if (spooled.parts.size === 0) return nothing(core)
  if (!spooled.parts.has(1))
    return {
      kept: 'nothing',
      reason:
        lostBy(core) ?? 'the store has forgotten the beginning of it, which was not on the node any more',
    }
  const anew = await object.begin()
  await note({ uploadId: anew.id })
  return sendRest({ spooled, core, object, upload: anew, stored: [], note })
}

// No process aborts an upload that stands in a spool. One that is gone was completed, and the process that
// did it was killed.
const UNSEEN: FinishedCore = {
  kept: 'unseen',
  reason: untold('a process was killed, and the store does not let us look'),
}

/**
 * A store that refuses whatever we ask (wrong credentials, a clock that is wrong: nothing says why to a HEAD)
 * hides nothing. Where it lets us begin an upload, it is the object that we may not look at. Rejects if the
 * store refuses.
 */
async function lookWhereWeMay(object: PartedObject): Promise<Awaited<ReturnType<PartedObject['look']>>> {
  const seen = await object.look()
  if (seen !== 'hidden') return seen
  const probe = await object.begin()
  await probe.abort()
  return object.look()
}

function foundThere({ record }: Spooled, core: SpooledCore, sizeBytes: number): FinishedCore {
  if (record.sealed && record.report.core?.storedBytes === sizeBytes) return { kept: 'whole', checked: true }
  return {
    kept: 'beginning',
    storedBytes: sizeBytes,
    reason: core.lost?.reason ?? core.cut ?? 'its handler was killed before it could say that it is whole',
  }
}

/** In words, if the store lost it; `null`: as far as is known it did not. Of an object that is not there. */
function lostBy({ lost, confirmedParts }: SpooledCore): string | null {
  return lost?.reason ?? (confirmedParts === undefined ? null : LostError.ofObject('all').message)
}

function isAllConfirmed({ confirmedParts, lastPart }: SpooledCore): boolean {
  return confirmedParts !== undefined && confirmedParts === lastPart
}

function nothing(core: SpooledCore): FinishedCore {
  const { uploadId } = core
  const lost = lostBy(core)
  if (lost !== null) return { kept: 'nothing', reason: lost }
  const reason =
    core.cut ??
    (uploadId === null
      ? 'its handler was killed before the store had any of it'
      : 'the store has forgotten its upload')
  return { kept: 'nothing', reason }
}

interface Sending {
  readonly spooled: Spooled
  readonly core: SpooledCore
  readonly object: PartedObject
  readonly upload: PartedUpload
  readonly stored: readonly SizedPart[]
  readonly note: Note
}

async function sendRest(sending: Sending): Promise<FinishedCore> {
  const { spooled, upload, stored } = sending
  const core = await withLoss(sending)
  const numbers = unbroken(spooled, core, stored)
  if (numbers === 0) {
    await upload.abort()
    return nothing({ ...core, uploadId: null })
  }
  const parts: StoredPart[] = []
  let storedBytes = 0
  for (let number = 1; number <= numbers; number += 1) {
    const { part, sizeBytes } = await ensurePart(number, sending)
    parts.push(part)
    storedBytes += sizeBytes
  }
  const sight = await completed(sending, parts, storedBytes)
  if (numbers === core.lastPart) return { kept: 'whole', checked: sight === 'seen' }
  return {
    kept: 'beginning',
    storedBytes,
    reason:
      core.lost?.reason ?? core.cut ?? lostBy(core) ?? 'its handler was killed while it stored the core',
  }
}

/**
 * Whose writer came to its end, and had room, has each part in the store or on the node: one that is nowhere
 * the store has lost. It is noted before anything is done about it, so that a kill does not leave us with
 * half a core and no reason.
 */
async function withLoss({ spooled, core, stored, note }: Sending): Promise<SpooledCore> {
  if (core.lost !== undefined || core.cut !== null) return core
  const there = new Set([...spooled.parts.keys(), ...stored.map(({ number }) => number)])
  const missing = Array.from({ length: core.lastPart ?? 0 }, (_, at) => at + 1).filter(
    number => !there.has(number),
  )
  const [number] = missing
  if (number === undefined) return core
  const lost = { number, reason: lostBy(core) ?? LostError.ofParts(missing).message }
  await note({ lost })
  return { ...core, lost }
}

/**
 * What a store confirms and does not show is noted, and looked at again: by then an upload may be gone and
 * nothing in its place.
 */
async function completed(
  { object, upload, note }: Sending,
  parts: readonly StoredPart[],
  storedBytes: number,
): Promise<Sight> {
  const sight = await completeUpload(object, upload, parts, storedBytes, COMPLETE_PAUSES_MS).catch(
    async (cause: unknown) => {
      if (cause instanceof LostError && cause.isObject) await note({ confirmedParts: parts.length })
      throw cause
    },
  )
  if (sight !== 'unanswered') return sight
  await note({ confirmedParts: parts.length })
  throw unanswered()
}

/** How many parts there are from the first one on without a gap: what comes after one cannot be unpacked. */
function unbroken({ parts }: Spooled, { lost }: SpooledCore, stored: readonly SizedPart[]): number {
  const there = new Set([...parts.keys(), ...stored.map(({ number }) => number)])
  let count = 0
  const isLost = (number: number) => number === lost?.number && !parts.has(number)
  while (there.has(count + 1) && !isLost(count + 1)) count += 1
  return count
}

const NEVER = new AbortController().signal

/** What is on the node wins: it was kept because the store did not confirm it. */
async function ensurePart(
  number: number,
  { spooled, upload, stored }: Sending,
): Promise<{ part: StoredPart; sizeBytes: number }> {
  const there = stored.find(part => part.number === number)
  const size = spooled.parts.get(number)
  if (size === undefined || there?.sizeBytes === size) {
    // One of the two is there: unbroken() has counted it.
    return { part: there!, sizeBytes: there!.sizeBytes }
  }
  const bytes = await readPart(spooled.folder, number)
  return { part: await upload.putPart(number, bytes, NEVER), sizeBytes: bytes.length }
}
