import { setTimeout as pause } from 'node:timers/promises'
import { OperatorError } from '../../crash/errors.ts'
import { backoff } from '../../time/backoff.ts'
import { LeftBehindError } from '../diagnosis.ts'
import type { Bytes } from './bytes.ts'
import { completeUpload, putAndLook, type Sight } from './complete-upload.ts'
import type { Failover, LostPart, PutOutcome, Spill } from './failover.ts'
import { Interruption } from './interruption.ts'
import { LostError, unanswered } from './lost-error.ts'
import { PartBuffers } from './part-buffers.ts'
import { bufferCount, MAX_PARTS } from './part-size.ts'
import type { PartedObject, PartedUpload, StoredPart } from './parted-object.ts'

/** For how long one part is tried, and what to do before each further try of completing. */
export interface PartPatience {
  readonly partMs: number
  /**
   * The first pause before a part is sent again; each further one is twice as long, up to ten times the
   * first.
   */
  readonly partPauseMs: number
  readonly completePausesMs: readonly number[]
  /** Whether the same request may go better soon. */
  readonly isPassing: (cause: unknown) => boolean
}

/**
 * Writes `body` in parts of `partBytes`, a few at once, from a few buffers that are used again. A body that
 * ends within the first part is put whole. While all buffers are on their way, `body` is not asked for more.
 * If the store fails for good, `failover` takes the rest; without it, `body` is told to stop and the parts
 * are removed.
 */
export async function putInParts(
  object: PartedObject,
  body: Bytes,
  partBytes: number,
  patience: PartPatience,
  failover: Failover | null = null,
): Promise<PutOutcome> {
  const interruption = new Interruption()
  const buffers = new PartBuffers(bufferCount(partBytes), partBytes)
  const parts = cut(interruption.chunksOf(body), () => interruption.wait(buffers.take()))
  const writer = new PartWriter({ object, partBytes, patience, failover, buffers, interruption })
  try {
    for await (const part of parts) await writer.take(part)
    return await writer.finish()
  } catch (cause) {
    throw await writer.abandon(cause)
  }
}

interface Part {
  readonly number: number
  readonly buffer: Buffer
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** A full part is handed on only when there is more, so that the last one is known to be the last. */
async function* cut(chunks: AsyncIterable<Uint8Array>, take: () => Promise<Buffer>): AsyncGenerator<Part> {
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

interface Writing {
  readonly object: PartedObject
  readonly partBytes: number
  readonly patience: PartPatience
  readonly failover: Failover | null
  readonly buffers: PartBuffers
  readonly interruption: Interruption
}

class PartWriter {
  readonly #writing: Writing
  readonly #cancel = new AbortController()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #stored: StoredPart[] = []
  #upload: PartedUpload | null = null
  #spill: Promise<Spill> | null = null
  /** What the last buffers still hold of parts that the store has confirmed. */
  readonly #atHand = new Map<Buffer, Part>()
  #whole: Sight | null = null
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
    if (this.#upload === null || this.#whole !== null) return
    this.#takeOver(tooSlow()).catch(cause => this.#writing.interruption.interrupt(cause))
  }

  /** Starts the part on its way; how that ends, `finish` or the interruption tells. */
  async take(part: Part): Promise<void> {
    if (part.number > MAX_PARTS) throw tooLong(part.buffer.length)
    this.#lastPart = part.number
    this.#atHand.delete(part.buffer)
    if (part.number === 1) await this.#begin(part)
    if (this.#whole !== null) return
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
        this.#whole = sight === 'unanswered' ? await this.#doubt() : sight
        return
      }
      this.#upload = await this.#beginInTime()
      await failover?.begun({ uploadId: this.#upload.id, partBytes })
      if (failover?.overdue.aborted) this.#giveUp()
    } catch (cause) {
      await this.#takeOver(cause)
    }
  }

  /** Meanwhile nothing is read, so a process would be held. An upload that begins too late is of no use. */
  async #beginInTime(): Promise<PartedUpload> {
    const { object, failover } = this.#writing
    if (failover === null) return this.#patiently(() => object.begin())
    const { overdue } = failover
    if (overdue.aborted) throw tooSlow()
    const late = Promise.withResolvers<never>()
    const onOverdue = () => late.reject(tooSlow())
    overdue.addEventListener('abort', onOverdue)
    const beginning = this.#patiently(() => object.begin())
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

  async #fly(part: Part): Promise<void> {
    await (this.#spill === null ? this.#send(part) : this.#keep(part))
    this.#atHand.set(part.buffer, part)
    this.#sizeBytes += part.bytes.length
    this.#writing.buffers.giveBack(part.buffer)
  }

  async #send(part: Part): Promise<void> {
    const { signal } = this.#cancel
    // Begun before the first part is taken.
    const upload = this.#upload!
    try {
      this.#stored.push(await this.#patiently(() => upload.putPart(part.number, part.bytes, signal)))
    } catch (cause) {
      await this.#takeOver(cause)
      await this.#keep(part)
    }
  }

  async #keep({ number, bytes }: Part): Promise<void> {
    await (await this.#spill)?.keep(number, bytes)
  }

  /** The first failure counts. The parts that are still on their way are stopped, and kept as well. */
  #takeOver(cause: unknown, lost?: LostPart): Promise<Spill> {
    const { failover, partBytes } = this.#writing
    if (failover === null) throw cause
    this.#spill ??= failover.takeOver({
      uploadId: this.#upload?.id ?? null,
      partBytes,
      stored: this.#stored,
      cause,
      ...(lost && { lost }),
    })
    this.#cancel.abort()
    return this.#spill
  }

  /** Again and again for a while, as long as that can help. */
  async #patiently<T>(request: () => Promise<T>): Promise<T> {
    const { partMs, partPauseMs, isPassing } = this.#writing.patience
    const until = performance.now() + partMs
    for (let tries = 1; ; tries += 1) {
      try {
        return await request()
      } catch (cause) {
        const stepMs = backoff({ first: partPauseMs, longest: partPauseMs * 10 }, tries)
        const pauseMs = stepMs * (0.5 + Math.random() / 2)
        if (!isPassing(cause) || this.#cancel.signal.aborted || performance.now() + pauseMs > until)
          throw cause
        await pause(pauseMs)
      }
    }
  }

  async finish(): Promise<PutOutcome> {
    if (this.#whole === null) {
      await this.#writing.interruption.wait(Promise.all(this.#inFlight))
      if (this.#spill === null) this.#whole = await this.#completed()
    }
    if (this.#whole !== null) return this.#whole === 'seen' ? 'stored' : this.#whole
    await (await this.#spill)?.end(this.#lastPart, this.#isConfirmed)
    return 'failed over'
  }

  async #completed(): Promise<Sight | null> {
    const { object, patience } = this.#writing
    const parts = this.#stored.toSorted((a, b) => a.number - b.number)
    try {
      // Begun, or else the spill would have it.
      const upload = this.#upload!
      const sight = await completeUpload(object, upload, parts, this.#sizeBytes, patience.completePausesMs)
      return sight === 'unanswered' ? await this.#doubt() : sight
    } catch (cause) {
      await (cause instanceof LostError ? this.#makeGood(cause) : this.#takeOver(cause))
      return null
    }
  }

  /**
   * The installer looks again later, and has what is still at hand. Where none will, the store is believed.
   */
  async #doubt(): Promise<Sight | null> {
    try {
      await this.#takeOver(unanswered())
      for (const part of [...this.#atHand.values()].toSorted((a, b) => a.number - b.number))
        await this.#keep(part)
      this.#isConfirmed = true
      return null
    } catch {
      return 'unanswered'
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

function tooSlow(): Error {
  return new Error('the store takes too long')
}

function tooLong(partBytes: number): OperatorError {
  return new OperatorError(
    `the data is longer than was announced: more than ${MAX_PARTS} parts of ${partBytes} bytes`,
    'This is a bug in CoreDog: please report it with this line.',
  )
}
