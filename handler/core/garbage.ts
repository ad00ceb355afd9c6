/**
 * What a core leaves of objects when it passes. V8 lets them lie until its heap has grown by half, so that a large core
 * took more memory than a small one; nobody reads them any more.
 */
export class Garbage {
  readonly #collect: () => void
  #passedBytes = 0

  /** V8 has a way to ask for it under `--expose-gc` only, which is how the handler runs. */
  constructor(collect: () => void = () => void globalThis.gc?.()) {
    this.#collect = collect
  }

  /** So many bytes of a core have passed. Takes 10 to 20 ms, seldom: two hundredths of the time that they took at best. */
  passed(bytes: number): void {
    this.#passedBytes += bytes
    if (this.#passedBytes < COLLECTED_BYTES) return
    this.#passedBytes = 0
    this.#collect()
  }
}

/** They leave 1 to 2 MiB. */
const COLLECTED_BYTES = 512 * 2 ** 20
