import { LeftBehindError } from '../diagnosis.ts'
import type { Sight } from './complete-upload.ts'
import type { PutOutcome } from './failover.ts'
import { Flights } from './flights.ts'
import { LostError, unanswered } from './lost-error.ts'
import type { Part } from './part.ts'
import type { PartBuffers } from './part-buffers.ts'
import { PartsAtHand } from './parts-at-hand.ts'
import { UploadOrSpill, type Writing } from './upload-or-spill.ts'

/** Brings the parts of one object to where they go, a few at once, and sees to its end. */
export class PartWriter {
  readonly #route: UploadOrSpill
  readonly #buffers: PartBuffers
  readonly #flights: Flights
  readonly #atHand = new PartsAtHand()
  #lastPart = 0
  #sizeBytes = 0
  /** How the store, which has confirmed all of it, was seen to have it. */
  #sight: Sight | null = null

  constructor(writing: Writing, buffers: PartBuffers) {
    this.#route = new UploadOrSpill(writing)
    this.#buffers = buffers
    this.#flights = new Flights(writing.interruption)
  }

  /** Starts the part on its way; how that ends, `finish` or the interruption tells. */
  async take(part: Part): Promise<void> {
    this.#atHand.forget(part.buffer)
    this.#lastPart = part.number
    this.#sizeBytes += part.bytes.length
    if (part.number === 1) await this.#begin(part)
    if (this.#sight === null) this.#flights.start(this.#bring(part))
  }

  async #begin(part: Part): Promise<void> {
    try {
      if (part.last) await this.#confirmed(await this.#route.putWhole(part.bytes))
      else await this.#route.begin()
    } catch (cause) {
      await this.#route.takeOver(cause)
    }
  }

  async #bring(part: Part): Promise<void> {
    await this.#route.put(part)
    this.#atHand.add(part)
    this.#buffers.giveBack(part.buffer)
  }

  async finish(): Promise<PutOutcome> {
    await this.#flights.landed()
    if (this.#sight === null) await this.#complete()
    if (this.#sight !== null) return this.#sight === 'seen' ? 'stored' : this.#sight
    await this.#route.end(this.#lastPart)
    return 'failed over'
  }

  async #complete(): Promise<void> {
    try {
      const sight = await this.#route.complete(this.#sizeBytes)
      if (sight !== null) await this.#confirmed(sight)
    } catch (cause) {
      await (cause instanceof LostError ? this.#makeGood(cause) : this.#route.takeOver(cause))
    }
  }

  /** The store has all of it, as it says. One that does not answer is believed where no installer looks again. */
  async #confirmed(sight: Sight): Promise<void> {
    if (sight === 'unanswered' && (await this.#isLeftToOthers())) return
    this.#sight = sight
    this.#route.close()
  }

  /** The installer looks again later, and has what is still at hand. */
  async #isLeftToOthers(): Promise<boolean> {
    try {
      const takeover = await this.#route.takeOver(unanswered())
      await takeover.keep(this.#atHand.all())
      takeover.isConfirmed = true
      return true
    } catch {
      return false
    }
  }

  /** What is still at hand of what the store lost is kept; the core ends where something is not. */
  async #makeGood(loss: LostError): Promise<void> {
    const { parts, gone } = this.#atHand.upToGone(loss.numbers(this.#lastPart))
    const lost = gone === null ? undefined : { number: gone, reason: loss.message }
    const takeover = await this.#route.takeOver(loss, lost)
    takeover.isConfirmed = loss.isObject
    await takeover.keep(parts)
  }

  /**
   * Resolves with what to throw. Parts still on their way are stopped first: they would arrive after the
   * abort.
   */
  async abandon(cause: unknown): Promise<unknown> {
    this.#route.close()
    await this.#flights.ended()
    try {
      await this.#route.abort()
      return cause
    } catch (abortFailure) {
      return new LeftBehindError(cause, abortFailure, LIFECYCLE)
    }
  }
}

const LIFECYCLE = 'Let a lifecycle rule of the bucket abort incomplete multipart uploads.'
