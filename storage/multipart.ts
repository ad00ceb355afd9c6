import { setTimeout as pause } from 'node:timers/promises'
import { OperatorError } from '../crash/errors.ts'
import { LeftBehindError } from './diagnosis.ts'
import { Interruption } from './interruption.ts'
import type { Bytes } from './object-store.ts'
import { PartBuffers } from './part-buffers.ts'
import { bufferCount, MAX_PARTS } from './part-size.ts'

/** One object to be written, whole or in parts. */
export interface PartedObject {
  putWhole(bytes: Uint8Array): Promise<void>
  begin(): Promise<PartedUpload>
  /** Its size in bytes; `hidden` when we may not look. */
  look(): Promise<number | 'absent' | 'hidden'>
}

/** An upload that has begun. Until `complete` nothing of it can be seen. */
export interface PartedUpload {
  /** `bytes` must stay as they are until this settles. */
  putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredPart>
  complete(parts: readonly StoredPart[]): Promise<void>
  /** Whether it still waits to be completed or aborted. */
  isOpen(): Promise<boolean>
  /** Has its own deadline. An upload that is no longer there counts as aborted. */
  abort(): Promise<void>
}

export interface StoredPart {
  readonly number: number
  readonly etag: string
  readonly crc32?: string
}

/**
 * Writes `body` in parts of `partBytes`, a few at once, from a few buffers that are used again. A
 * body that ends within the first part is put whole. While all buffers are on their way, `body` is
 * not asked for more. If anything fails, `body` is told to stop and the parts are removed.
 */
export async function putInParts(
  object: PartedObject,
  body: Bytes,
  partBytes: number,
  completePausesMs: readonly number[],
): Promise<void> {
  const interruption = new Interruption()
  const buffers = new PartBuffers(bufferCount(partBytes), partBytes)
  const parts = cut(interruption.chunksOf(body), () => interruption.wait(buffers.take()))
  let writer: PartWriter | null = null
  try {
    for await (const part of parts) {
      if (part.number === 1 && part.last) return await object.putWhole(part.bytes)
      writer ??= new PartWriter(await object.begin(), buffers, interruption)
      writer.send(part)
    }
    await writer?.finish(object, completePausesMs)
  } catch (cause) {
    throw writer ? await writer.abandon(cause) : cause
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

class PartWriter {
  readonly #upload: PartedUpload
  readonly #buffers: PartBuffers
  readonly #interruption: Interruption
  readonly #cancel = new AbortController()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #stored: StoredPart[] = []
  #sizeBytes = 0

  constructor(upload: PartedUpload, buffers: PartBuffers, interruption: Interruption) {
    this.#upload = upload
    this.#buffers = buffers
    this.#interruption = interruption
  }

  /** Starts the part on its way; how that ends, `finish` or the interruption tells. */
  send(part: Part): void {
    if (part.number > MAX_PARTS) throw tooLong(part.buffer.length)
    const flight = this.#fly(part)
      .catch(cause => this.#interruption.interrupt(cause))
      .finally(() => this.#inFlight.delete(flight))
    this.#inFlight.add(flight)
  }

  async #fly({ number, bytes, buffer }: Part): Promise<void> {
    this.#stored.push(await this.#upload.putPart(number, bytes, this.#cancel.signal))
    this.#sizeBytes += bytes.length
    this.#buffers.giveBack(buffer)
  }

  async finish(object: PartedObject, pausesMs: readonly number[]): Promise<void> {
    await this.#interruption.wait(Promise.all(this.#inFlight))
    const parts = this.#stored.toSorted((a, b) => a.number - b.number)
    await complete(object, this.#upload, parts, this.#sizeBytes, pausesMs)
  }

  /** Resolves with what to throw. Parts still on their way are stopped first: they would arrive after the abort. */
  async abandon(cause: unknown): Promise<unknown> {
    this.#cancel.abort()
    await Promise.all(this.#inFlight)
    try {
      await this.#upload.abort()
      return cause
    } catch (abortFailure) {
      return new LeftBehindError(cause, abortFailure, LIFECYCLE)
    }
  }
}

/**
 * A Complete that failed may have worked: its answer got lost, or came after a proxy's patience, or
 * the retry of a lost one found the upload gone. By now all of the core is in the store and nobody
 * can send it again, so we look before we give up, and never abort on the first failure.
 */
async function complete(
  object: PartedObject,
  upload: PartedUpload,
  parts: readonly StoredPart[],
  sizeBytes: number,
  pausesMs: readonly number[],
): Promise<void> {
  for (const pauseMs of [...pausesMs, null]) {
    try {
      return await upload.complete(parts)
    } catch (cause) {
      if (await isStored(object, upload, sizeBytes)) return
      if (pauseMs === null) throw cause
      await pause(pauseMs)
    }
  }
}

async function isStored(object: PartedObject, upload: PartedUpload, sizeBytes: number): Promise<boolean> {
  try {
    if (await upload.isOpen()) return false
    // Who may only write sees nothing; but an upload that we did not abort and that is gone is complete.
    const seen = await object.look()
    return seen === 'hidden' || seen === sizeBytes
  } catch {
    // The store does not even say; the caller tries again, and in the end reports its own failure.
    return false
  }
}

const LIFECYCLE = 'Let a lifecycle rule of the bucket abort incomplete multipart uploads.'

function tooLong(partBytes: number): OperatorError {
  return new OperatorError(
    `the data is longer than was announced: more than ${MAX_PARTS} parts of ${partBytes} bytes`,
    'This is a bug in CoreDog: please report it with this line.',
  )
}
