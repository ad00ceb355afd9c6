import { type CoreHead, readCoreHead } from '../../crash/core-head.ts'
import type { CoreRange } from '../../crash/core-range.ts'
import type { MappedFile } from '../../crash/mapped-file.ts'
import type { CorePipe } from './core-pipe.ts'
import { SparseCore } from './sparse-core.ts'

/**
 * Big enough that libuv's threads are busy with one block for a while, and that a compressor which
 * forgets everything between blocks loses under 1 %; small enough that a handful of them is no burden.
 */
export const BLOCK_BYTES = 4 * 1024 * 1024

/**
 * A core that has been begun: its head is read, the rest follows by {@link blocks}. The head has to be
 * known first: it says how long the core will be, and with that how it must be cut to be stored.
 */
export class CoreStream {
  #head: CoreHead | null
  readonly foreign: string | null
  readonly #pipe: CorePipe
  readonly #begun: readonly Buffer[]
  #sparse: SparseCore | null = null

  private constructor(
    pipe: CorePipe,
    begun: readonly Buffer[],
    head: CoreHead | null,
    foreign: string | null,
  ) {
    this.#pipe = pipe
    this.#begun = begun
    this.#head = head
    this.foreign = foreign
  }

  /** Reads as many blocks as hold the head: one, but for processes with very many mappings or threads. */
  static async begin(pipe: CorePipe): Promise<CoreStream> {
    const begun: Buffer[] = []
    let wantedBytes = 1
    for (;;) {
      const isWhole = await readTo(wantedBytes, pipe, begun)
      const read = readCoreHead(begun.length === 1 ? (begun[0] as Buffer) : Buffer.concat(begun))
      if ('head' in read) return new CoreStream(pipe, begun, read.head, null)
      if ('foreign' in read) return new CoreStream(pipe, begun, null, read.foreign)
      if (!isWhole) return new CoreStream(pipe, begun, null, 'it ended within its own header')
      wantedBytes = read.moreBytes
    }
  }

  /** `null`: the bytes are no ELF core, or ended too early to tell; `foreign` says which. */
  get head(): CoreHead | null {
    return this.#head
  }

  /** The kernel leaves the list of files out of the core of a process that has very many mappings. */
  supplyFiles(files: readonly MappedFile[]): void {
    if (this.#head !== null) this.#head = { ...this.#head, files }
  }

  get isEmpty(): boolean {
    return this.#begun.length === 0
  }

  /** A copy of what lies at `range`, if it was read with the head; `null`: it is still to come. */
  begun({ offset, lengthBytes }: CoreRange): Buffer | null {
    const number = Math.floor(offset / BLOCK_BYTES)
    const at = offset - number * BLOCK_BYTES
    const found = this.#begun[number]?.subarray(at, at + lengthBytes)
    return found?.length === lengthBytes ? Buffer.from(found) : null
  }

  /**
   * There is no room for what is still to come: from the next block on, only what a backtrace needs is kept.
   * Blocks that were handed on stay as they are, for other threads may be reading them.
   */
  keepStacksOnly(reason: string): void {
    this.#sparse ??= SparseCore.of(this.head, reason)
    if (this.#sparse === null) this.#pipe.cut(reason)
  }

  /** `null`: all that was read was kept. */
  get leftOut(): { readonly bytes: number; readonly reason: string } | null {
    const { leftOutBytes: bytes = 0, reason = '' } = this.#sparse ?? {}
    return bytes === 0 ? null : { bytes, reason }
  }

  /**
   * The core, from its first byte, in blocks of {@link BLOCK_BYTES}; only the last is shorter. A block's
   * memory is used again for the block after the next `ahead` ones. Leaving early closes the pipe, at once: a
   * handler that gives up on a core may still have to tidy up, and the crashed process must not wait for
   * that.
   */
  async *blocks(ahead: number): AsyncGenerator<Buffer> {
    let offset = 0
    try {
      for await (const block of this.#everyBlock(ahead)) {
        this.#sparse?.apply(block, offset)
        offset += block.length
        yield block
      }
    } finally {
      this.#pipe.close()
    }
  }

  async *#everyBlock(ahead: number): AsyncGenerator<Buffer> {
    yield* this.#begun
    const ring = [...this.#begun]
    const places = Math.max(ring.length, ahead + 1)
    for (let turn = ring.length; this.#begun.at(-1)?.length === BLOCK_BYTES; turn += 1) {
      const place = turn % places
      const memory = ring[place] ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
      ring[place] = memory
      const block = await readBlock(this.#pipe, memory)
      if (block.length > 0) yield block
      if (block.length < BLOCK_BYTES) return
    }
  }
}

/**
 * Reads blocks until `bytes` are there in `begun`. Returns whether more may follow. They are joined once, not
 * with each block.
 */
async function readTo(bytes: number, pipe: CorePipe, begun: Buffer[]): Promise<boolean> {
  while (begun.length * BLOCK_BYTES < bytes) {
    const block = await readBlock(pipe, Buffer.allocUnsafeSlow(BLOCK_BYTES))
    if (block.length > 0) begun.push(block)
    if (block.length < BLOCK_BYTES) return false
  }
  return true
}

async function readBlock(pipe: CorePipe, memory: Buffer): Promise<Buffer> {
  return memory.subarray(0, await pipe.fill(memory))
}
