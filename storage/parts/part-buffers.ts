/**
 * A small, fixed number of buffers of one part each. They are made when first needed and used again:
 * the memory of an upload is known before its first byte.
 */
export class PartBuffers {
  readonly #partBytes: number
  readonly #idle: Buffer[] = []
  readonly #waiting: ((buffer: Buffer) => void)[] = []
  #unmade: number

  constructor(count: number, partBytes: number) {
    this.#unmade = count
    this.#partBytes = partBytes
  }

  /** Resolves as soon as a buffer is free, with one whose content is anything. */
  async take(): Promise<Buffer> {
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#unmade === 0) return new Promise(resolve => this.#waiting.push(resolve))
    this.#unmade--
    // Not zeroed and not pooled: the kernel gives it memory only as far as it is filled.
    return Buffer.allocUnsafeSlow(this.#partBytes)
  }

  giveBack(buffer: Buffer): void {
    const next = this.#waiting.shift()
    if (next) next(buffer)
    else this.#idle.push(buffer)
  }
}
