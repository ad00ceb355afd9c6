import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ReadBytes } from '../native/addon.ts'
import type { FirstBytes } from './first-bytes.ts'
import { type PipeReader, pipeReader } from './pipe-reader.ts'
import { closeTaken } from './stdin.ts'

export interface CorePipeOptions {
  /** What lies behind it is not read; 0: no limit. */
  readonly limitBytes?: number
  /** Closes the descriptor. */
  readonly release?: (fd: number) => void
  /** What was read of it before. */
  readonly first?: FirstBytes | null
  readonly reader?: PipeReader
}

/**
 * The kernel's end of the pipe: a core as it is written, once. As long as it is open the crashed process
 * is held and its container cannot restart; {@link close} lets it go. Closing before the end makes the
 * kernel stop the dump, so refusing a core costs nothing.
 */
export class CorePipe {
  readonly #fd: number
  readonly #limitBytes: number
  readonly #release: (fd: number) => void
  readonly #closed = Promise.withResolvers<void>()
  #seenBytes = 0
  #ended = false
  #looking = false
  #open = true
  #openedAt: number | null = null
  #closedAt: number | null = null
  #cutReason: string | null = null
  #turnEnds = 0
  #reader: PipeReader | null
  #taken: Buffer

  constructor(fd: number, { limitBytes = 0, release = closeTaken, first, reader }: CorePipeOptions = {}) {
    this.#fd = fd
    this.#release = release
    this.#reader = reader ?? null
    this.#taken = first?.bytes ?? NOTHING
    this.#openedAt = first?.askedAt ?? null
    this.#limitBytes = limitBytes === 0 ? Number.POSITIVE_INFINITY : limitBytes
  }

  /** To hand the pipe to another program; if both read from it, each gets half a core. */
  get fd(): number {
    return this.#fd
  }

  /** What was taken from the pipe, and nobody has got yet. It comes before what is in there. */
  get taken(): readonly Buffer[] {
    return this.#taken.length === 0 ? [] : [this.#taken]
  }

  get seenBytes(): number {
    return this.#seenBytes
  }

  /** Why we stopped reading before the kernel had written everything; `null`: we did not. */
  get cutReason(): string | null {
    if (this.#ended) return null
    return this.#seenBytes >= this.#limitBytes ? 'limits.maxCoreSize' : this.#cutReason
  }

  /** When the first byte was asked for, in milliseconds of performance.now(). */
  get openedAt(): number | null {
    return this.#openedAt
  }

  get closedAt(): number | null {
    return this.#closedAt
  }

  /** Resolves when the process is held no more. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /**
   * Fills `block` and returns how many bytes came: fewer only at the end, which also closes the pipe.
   *
   * It reads synchronously, in the main thread: measured with 1 GiB through the kernel's pipe, that is
   * twice as fast as any asynchronous way (the kernel writes pages, and each read finds 64 KiB at most).
   * The event loop gets its turn every few milliseconds, so that the upload goes on; with the addon also where
   * the kernel's writer is silent, as when a page of the process lies on a disk that hangs.
   */
  async fill(block: Buffer): Promise<number> {
    this.#openedAt ??= performance.now()
    const wanted = Math.min(block.length, this.#limitBytes - this.#seenBytes)
    let filled = this.#fillWithTaken(block.subarray(0, wanted))
    while (this.#open && !this.#ended && filled < wanted) {
      if (performance.now() > this.#turnEnds) {
        await setImmediate()
        this.#turnEnds = performance.now() + LONGEST_TURN_MS
        continue
      }
      const found = this.#read(block, filled, wanted - filled)
      this.#ended = found.isEnd
      filled += found.bytes
      if (found.bytes === 0 && !found.isEnd) await setTimeout(1)
    }
    this.#seenBytes += filled
    if (this.#isRead && !this.#looking) this.close()
    return filled
  }

  #fillWithTaken(block: Buffer): number {
    const bytes = this.#taken.copy(block)
    // Not there twice, should it turn out to be nobody's.
    this.#taken.fill(0, 0, bytes)
    this.#taken = this.#taken.subarray(bytes)
    return bytes
  }

  /**
   * Lets the crashed process go before its core is read. `reason`, in words for a person, is what stood in
   * the way.
   */
  cut(reason: string): void {
    this.#cutReason ??= reason
    this.close()
  }

  /**
   * Holds the process although its core ends, as a small one does with its head, or limits.maxCoreSize is
   * reached: until {@link looked}, or {@link close}.
   */
  look(): void {
    this.#looking = true
  }

  /** The process was looked at: the end of its core lets it go. */
  looked(): void {
    this.#looking = false
    if (this.#isRead) this.close()
  }

  /** Lets the crashed process go. Closing twice is no error. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#closedAt = performance.now()
    this.#release(this.#fd)
    this.#closed.resolve()
  }

  #read(block: Buffer, at: number, lengthBytes: number): ReadBytes {
    this.#reader ??= pipeReader()
    const leftMs = Math.max(0, Math.ceil(this.#turnEnds - performance.now()))
    return this.#reader(this.#fd, block, at, lengthBytes, leftMs)
  }

  /** As far as it is to be read at all. */
  get #isRead(): boolean {
    return this.#ended || this.#seenBytes >= this.#limitBytes
  }
}

const NOTHING = Buffer.alloc(0)
const LONGEST_TURN_MS = 10
