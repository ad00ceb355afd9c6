import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { anySignal } from '../../time/any-signal.ts'
import { IdleLimit, StalledError } from './idle-limit.ts'
import type { SpentBuffers } from './spent-buffers.ts'

export type Outcome = 'complete' | 'client gone' | 'client stalled' | 'store broke off'

/** Bytes on their way to a client, no more of them in memory than it takes. */
export class Transfer {
  readonly #idleSeconds: number
  readonly #spent: Pick<SpentBuffers, 'add'>
  #bytes = 0
  #storeFailure: unknown = null

  constructor(idleSeconds: number, spent: Pick<SpentBuffers, 'add'>) {
    this.#idleSeconds = idleSeconds
    this.#spent = spent
  }

  /** What the connection was given. */
  get bytes(): number {
    return this.#bytes
  }

  /** Why the store broke off; `null`: it did not. */
  get storeFailure(): unknown {
    return this.#storeFailure
  }

  /**
   * Ends `response` when all `chunks` are in it. Else its connection is destroyed: half of a core never looks like a
   * whole one.
   */
  async run(chunks: AsyncIterable<Uint8Array>, response: Writable, signal: AbortSignal): Promise<Outcome> {
    using idle = new IdleLimit(this.#idleSeconds)
    try {
      await pipeline(this.#watched(chunks, idle), response, { signal: anySignal([signal, idle.signal]) })
      return 'complete'
    } catch {
      // A client that goes once it has all of it may be heard of first.
      if (response.writableFinished) return 'complete'
      response.destroy()
      if (idle.signal.reason instanceof StalledError) return 'client stalled'
      if (signal.aborted || this.#storeFailure === null) return 'client gone'
      return 'store broke off'
    }
  }

  async *#watched(chunks: AsyncIterable<Uint8Array>, idle: IdleLimit): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        this.#bytes += chunk.length
        this.#spent.add(chunk.length)
        idle.begin()
        yield chunk
        idle.end()
      }
    } catch (cause) {
      this.#storeFailure = cause
      throw cause
    }
    // Its last bytes, too, are to be taken.
    idle.begin()
  }
}
