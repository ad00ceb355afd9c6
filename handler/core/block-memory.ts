/** What blocks are read into: as many as lie about are used again, within a bound. */
export class BlockMemory {
  readonly #blockBytes: number
  readonly #mostIdle: number
  readonly #idle: Buffer[] = []
  #isOver = false

  constructor(blockBytes: number, mostIdle: number) {
    this.#blockBytes = blockBytes
    this.#mostIdle = mostIdle
  }

  /** What is in it is anything. */
  take(): Buffer {
    // Not zeroed and not pooled: the kernel gives it memory only as far as it is filled.
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#blockBytes)
  }

  /** `block` may be shorter than its memory, which is freed at once where it is not needed again. */
  giveBack({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.detached) return
    if (!this.#isOver && this.#idle.length < this.#mostIdle) this.#idle.push(Buffer.from(buffer))
    else buffer.transfer(0)
  }

  /** Nothing more will be read. */
  end(): void {
    this.#isOver = true
    for (const { buffer } of this.#idle.splice(0)) if (buffer instanceof ArrayBuffer) buffer.transfer(0)
  }
}
