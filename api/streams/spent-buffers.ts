import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EACH_BYTES = 8 * 2 ** 20

/**
 * Buffers that were read and sent. V8 takes each for the few bytes that its object has, and lets 64 MiB of them lie
 * before it looks for garbage: the server had 203 MiB.
 */
export class SpentBuffers {
  readonly #collect: () => void
  #bytes = 0

  constructor(collect: () => void = youngCollection()) {
    this.#collect = collect
  }

  /** So many bytes more were passed on. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < EACH_BYTES) return
    this.#bytes = 0
    this.#collect()
  }
}

/** Takes a tenth of a millisecond: it looks at nothing that is older. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc')
  // It is in the contexts that are made from now on.
  const collect = runInNewContext('gc') as NonNullable<typeof globalThis.gc>
  return () => void collect({ type: 'minor' })
}
