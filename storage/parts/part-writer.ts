import { OperatorError } from '../../crash/errors.ts'
import { LeftBehindError } from '../diagnosis.ts'
import { completeUpload, putAndLook, type Sight } from './complete-upload.ts'
import type { Failover, LostPart, PutOutcome, Spill } from './failover.ts'
import type { Interruption } from './interruption.ts'
import { LostError, unanswered } from './lost-error.ts'
import type { Part } from './part.ts'
import type { PartBuffers } from './part-buffers.ts'
import { type PartPatience, patiently } from './part-patience.ts'
import { MAX_PARTS } from './part-size.ts'
import type { PartedObject, PartedUpload, StoredPart } from './parted-object.ts'

export interface Writing {
  readonly object: PartedObject
  readonly partBytes: number
  readonly patience: PartPatience
  readonly failover: Failover | null
  readonly buffers: PartBuffers
  readonly interruption: Interruption
}

/**
 * Where the object goes, in this order. One that is `spilling` becomes `whole` if the store confirms it yet.
 */
type State =
  | { readonly at: 'start' }
  | { readonly at: 'uploading'; readonly upload: PartedUpload }
  | Spilling
  /** The store has confirmed all of it. */
  | { readonly at: 'whole'; readonly sight: Sight }

interface Spilling {
  readonly at: 'spilling'
  /** `null`: not even that could be had. */
  readonly upload: PartedUpload | null
  readonly spill: Promise<Spill>
}

/** Sends the parts of one object to the store, and to the spill once the store has failed. */
export class PartWriter {
  readonly #writing: Writing
  readonly #cancel = new AbortController()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #stored: StoredPart[] = []
  #state: State = { at: 'start' }
  /** What the last buffers still hold of parts that the store has confirmed. */
  readonly #atHand = new Map<Buffer, Part>()
  #lastPart = 0
  /** The store has confirmed the object, and was not seen to have it. */
  #isConfirmed = false
  #sizeBytes = 0

  constructor(writing: Writing) {
    this.#writing = writing
    writing.failover?.overdue.addEventListener('abort', () => this.#giveUp())
  }

  /** The parts that are on their way find out by themselves. */
  #giveUp(): void {
    if (this.#upload === null) return
    this.#takeOver(tooSlow()).catch(cause => this.#writing.interruption.interrupt(cause))
  }

  /** Starts the part on its way; how that ends, `finish` or the interruption tells. */
  async take(part: Part): Promise<void> {
    if (part.number > MAX_PARTS) throw tooLong(part.buffer.length)
    this.#lastPart = part.number
    this.#atHand.delete(part.buffer)
    if (part.number === 1) await this.#begin(part)
    if (this.#state.at === 'whole') return
    const flight = this.#fly(part)
      .catch(cause => this.#writing.interruption.interrupt(cause))
      .finally(() => this.#inFlight.delete(flight))
    this.#inFlight.add(flight)
  }

  /** What fits one part needs no upload. */
  async #begin(part: Part): Promise<void> {
    const { object, partBytes, failover } = this.#writing
    try {
      if (part.last) {
        const sight = await this.#patiently(() => putAndLook(object, part.bytes))
        await this.#settle(sight)
        return
      }
      const upload = await this.#beginInTime()
      this.#state = { at: 'uploading', upload }
      await failover?.begun({ uploadId: upload.id, partBytes })
      if (failover?.overdue.aborted) this.#giveUp()
    } catch (cause) {
      await this.#takeOver(cause)
    }
  }

  /** Meanwhile nothing is read, so a process would be held. An upload that begins too late is of no use. */
  async #beginInTime(): Promise<PartedUpload> {
    const { object, failover } = this.#writing
    const begin = () => this.#patiently(() => object.begin())
    return failover === null ? begin() : inTime(begin, failover.overdue)
  }

  async #fly(part: Part): Promise<void> {
    const state = this.#state
    await (state.at === 'uploading' ? this.#send(part, state.upload) : this.#keep(part))
    this.#atHand.set(part.buffer, part)
    this.#sizeBytes += part.bytes.length
    this.#writing.buffers.giveBack(part.buffer)
  }

  async #send(part: Part, upload: PartedUpload): Promise<void> {
    const { signal } = this.#cancel
    try {
      this.#stored.push(await this.#patiently(() => upload.putPart(part.number, part.bytes, signal)))
    } catch (cause) {
      await this.#takeOver(cause)
      await this.#keep(part)
    }
  }

  async #keep({ number, bytes }: Part): Promise<void> {
    if (this.#state.at === 'spilling') await (await this.#state.spill).keep(number, bytes)
  }

  /** The first failure counts. The parts that are still on their way are stopped, and kept as well. */
  #takeOver(cause: unknown, lost?: LostPart): Promise<Spill> {
    const { failover } = this.#writing
    if (failover === null) throw cause
    const state = this.#state.at === 'spilling' ? this.#state : this.#spilling(failover, cause, lost)
    this.#state = state
    this.#cancel.abort()
    return state.spill
  }

  #spilling(failover: Failover, cause: unknown, lost?: LostPart): Spilling {
    const upload = this.#upload
    const { partBytes } = this.#writing
    const situation = { uploadId: upload?.id ?? null, partBytes, stored: this.#stored, cause }
    const spill = failover.takeOver({ ...situation, ...(lost && { lost }) })
    return { at: 'spilling', upload, spill }
  }

  get #upload(): PartedUpload | null {
    return 'upload' in this.#state ? this.#state.upload : null
  }

  #patiently<T>(request: () => Promise<T>): Promise<T> {
    return patiently(request, this.#writing.patience, this.#cancel.signal)
  }

  async finish(): Promise<PutOutcome> {
    if (this.#state.at !== 'whole') await this.#writing.interruption.wait(Promise.all(this.#inFlight))
    await this.#complete()
    const state = this.#state
    if (state.at === 'whole') return state.sight === 'seen' ? 'stored' : state.sight
    if (state.at === 'spilling') await (await state.spill).end(this.#lastPart, this.#isConfirmed)
    return 'failed over'
  }

  async #complete(): Promise<void> {
    if (this.#state.at !== 'uploading') return
    const { object, patience } = this.#writing
    const { upload } = this.#state
    const parts = this.#stored.toSorted((a, b) => a.number - b.number)
    try {
      await this.#settle(
        await completeUpload(object, upload, parts, this.#sizeBytes, patience.completePausesMs),
      )
    } catch (cause) {
      await (cause instanceof LostError ? this.#makeGood(cause) : this.#takeOver(cause))
    }
  }

  /** The store has confirmed all of it. */
  async #settle(sight: Sight): Promise<void> {
    const isLeftToOthers = sight === 'unanswered' && (await this.#doubt())
    if (!isLeftToOthers) this.#state = { at: 'whole', sight }
  }

  /**
   * The installer looks again later, and has what is still at hand. Where none will (false), the store is
   * believed.
   */
  async #doubt(): Promise<boolean> {
    try {
      await this.#takeOver(unanswered())
      for (const part of [...this.#atHand.values()].toSorted((a, b) => a.number - b.number))
        await this.#keep(part)
      this.#isConfirmed = true
      return true
    } catch {
      return false
    }
  }

  /** What is still at hand of what the store lost goes to the spill; the core ends where something is not. */
  async #makeGood(cause: LostError): Promise<void> {
    const all = Array.from({ length: this.#lastPart }, (_, at) => at + 1)
    const lost = cause.parts === 'all' ? all : cause.parts
    this.#isConfirmed = cause.isObject
    const atHand = new Map([...this.#atHand.values()].map(part => [part.number, part]))
    const gone = lost.find(number => !atHand.has(number))
    await this.#takeOver(cause, gone === undefined ? undefined : { number: gone, reason: cause.message })
    for (const number of lost) {
      const part = atHand.get(number)
      if (part !== undefined && number < (gone ?? Number.POSITIVE_INFINITY)) await this.#keep(part)
    }
  }

  /**
   * Resolves with what to throw. Parts still on their way are stopped first: they would arrive after the
   * abort.
   */
  async abandon(cause: unknown): Promise<unknown> {
    this.#cancel.abort()
    await Promise.all(this.#inFlight)
    if (this.#upload === null) return cause
    try {
      await this.#upload.abort()
      return cause
    } catch (abortFailure) {
      return new LeftBehindError(cause, abortFailure, LIFECYCLE)
    }
  }
}

const LIFECYCLE = 'Let a lifecycle rule of the bucket abort incomplete multipart uploads.'

/** As `begin`, but rejects once `overdue` is aborted; an upload that begins later is aborted. */
async function inTime(begin: () => Promise<PartedUpload>, overdue: AbortSignal): Promise<PartedUpload> {
  if (overdue.aborted) throw tooSlow()
  const late = Promise.withResolvers<never>()
  const onOverdue = () => late.reject(tooSlow())
  overdue.addEventListener('abort', onOverdue)
  const beginning = begin()
  try {
    return await Promise.race([beginning, late.promise])
  } catch (cause) {
    // If this fails as well, the installer finds it by its age.
    beginning.then(upload => upload.abort()).catch(() => undefined)
    throw cause
  } finally {
    overdue.removeEventListener('abort', onOverdue)
  }
}

function tooSlow(): Error {
  return new Error('the store takes too long')
}

function tooLong(partBytes: number): OperatorError {
  return new OperatorError(
    `the data is longer than was announced: more than ${MAX_PARTS} parts of ${partBytes} bytes`,
    'This is a bug in CoreDog: please report it with this line.',
  )
}
