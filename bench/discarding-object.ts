import { setImmediate } from 'node:timers/promises'
import { BLOCK_BYTES } from '../handler/core/block.ts'
import type { PartedObject, PartedUpload, StoredPart } from '../storage/parts/parted-object.ts'
import { stampAt } from './endless-pipe.ts'

/** What an upload turned out to be, of which nothing was kept. */
export interface Discarded {
  readonly parts: number
  /** The one size of all parts but the last. */
  readonly partBytes: number
  readonly sizeBytes: number
  readonly isComplete: boolean
}

/**
 * Takes parts as S3 does, keeps none, and throws when one is not what S3 would have taken: in another size
 * than the first, or, with `stamped`, with bytes that belong elsewhere in the core.
 */
export class DiscardingObject implements PartedObject {
  readonly #stamped: boolean
  readonly #sizes = new Map<number, number>()
  #isComplete = false

  constructor({ stamped }: { readonly stamped: boolean }) {
    this.#stamped = stamped
  }

  get discarded(): Discarded {
    const sizes = [...this.#sizes.values()]
    return {
      parts: sizes.length,
      partBytes: this.#sizes.get(1) ?? 0,
      sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
      isComplete: this.#isComplete,
    }
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    this.#sizes.set(1, bytes.length)
    this.#isComplete = true
  }

  async begin(): Promise<PartedUpload> {
    return this.resume('upload')
  }

  resume(id: string): PartedUpload {
    return {
      id,
      putPart: (number, bytes) => this.#take(number, bytes),
      complete: async parts => this.#complete(parts),
      storedParts: async () => null,
      abort: async () => this.#sizes.clear(),
    }
  }

  async look(): Promise<number> {
    return this.discarded.sizeBytes
  }

  async abortAll(): Promise<void> {
    this.#sizes.clear()
  }

  async #take(number: number, bytes: Uint8Array): Promise<StoredPart> {
    await setImmediate()
    this.#sizes.set(number, bytes.length)
    if (this.#stamped) this.#checkStamps(number, bytes)
    return { number, etag: String(number) }
  }

  /** The first block is the core's head, and has none. */
  #checkStamps(number: number, bytes: Uint8Array): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const begin = (number - 1) * (this.#sizes.get(1) ?? 0)
    const first = Math.max(1, Math.ceil(begin / BLOCK_BYTES)) * BLOCK_BYTES
    for (let offset = first; offset + 8 <= begin + bytes.length; offset += BLOCK_BYTES) {
      const found = view.readBigUInt64LE(offset - begin)
      if (found !== stampAt(offset))
        throw new Error(`part ${number} has bytes of block ${found} at ${offset}`)
    }
  }

  #complete(parts: readonly StoredPart[]): void {
    const inOrder = parts.every(({ number }, at) => number === at + 1)
    const sizes = parts.map(({ number }) => this.#sizes.get(number) ?? 0)
    const [uniform = 0] = sizes
    const even = sizes.slice(0, -1).every(size => size === uniform) && (sizes.at(-1) ?? 0) <= uniform
    if (!inOrder || !even || parts.length > 10_000 || parts.length !== this.#sizes.size)
      throw new Error(`Cannot complete ${parts.length} parts: S3 takes 10,000, and R2 wants one size`)
    this.#isComplete = true
  }
}
