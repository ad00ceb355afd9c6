import type { Readable } from 'node:stream'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import { type ByteRange, lengthOf } from './byte-range.ts'

// A store ends what is not read for a while, so a slow client meets it again and again.
const MOST_OPENINGS = 100

/** A range of an object, which is opened anew behind what was read where the store breaks it off. */
export class SteadyRead {
  readonly #store: Pick<ObjectStore, 'get' | 'look'>
  readonly #info: ObjectInfo
  readonly #signal: AbortSignal

  constructor(store: Pick<ObjectStore, 'get' | 'look'>, info: ObjectInfo, signal: AbortSignal) {
    this.#store = store
    this.#info = info
    this.#signal = signal
  }

  /** Its first bytes may be asked for already, so that what is not there is known before an answer begins. */
  open(range: ByteRange): Promise<Readable> {
    const isAll = lengthOf(range) === this.#info.sizeBytes
    return this.#store.get(this.#info.key, { ...(!isAll && range), signal: this.#signal })
  }

  /** All of `range`, whose beginning is `opened`, or it throws. */
  async *chunks(range: ByteRange, opened: Readable): AsyncGenerator<Uint8Array, void, void> {
    const left = { ...range }
    let body = opened
    for (let openings = 1; ; openings++) {
      const { firstByte } = left
      const broken = yield* this.#read(body, left)
      if (broken === null) return
      if (left.firstByte === firstByte || openings === MOST_OPENINGS) throw broken
      this.#signal.throwIfAborted()
      await this.#checkUnchanged(broken)
      body = await this.open(left)
    }
  }

  /** `null`: that was all of it. */
  async *#read(
    body: Readable,
    left: { firstByte: number; readonly lastByte: number },
  ): AsyncGenerator<Uint8Array, unknown, void> {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (chunk.length > lengthOf(left)) throw new Error('the store gives more than the object had')
        left.firstByte += chunk.length
        yield chunk
      }
    } catch (cause) {
      return cause
    } finally {
      body.destroy()
    }
    return lengthOf(left) === 0 ? null : new Error('the store gives less than the object had')
  }

  async #checkUnchanged(cause: unknown): Promise<void> {
    const now = await this.#store.look(this.#info.key)
    const { sizeBytes, storedAt } = this.#info
    const isSame =
      typeof now === 'object' && now.sizeBytes === sizeBytes && now.storedAt.getTime() === storedAt.getTime()
    if (!isSame) throw new Error('the object is another one by now', { cause })
  }
}
