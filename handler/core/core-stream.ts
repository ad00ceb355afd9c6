import { type CoreHead, readCoreHead } from '../../crash/core-head.ts'
import type { CoreRange } from '../../crash/core-range.ts'
import type { MappedFile } from '../../crash/mapped-file.ts'
import { Ahead } from './ahead.ts'
import type { Allowance } from './allowance.ts'
import { Backlog } from './backlog.ts'
import { BLOCK_BYTES, isZeroBlock, zeroBlock } from './block.ts'
import { BlockMemory } from './block-memory.ts'
import type { CoreSource } from './core-source.ts'
import { NO_POOL_PRIORITY, type PoolPriority } from './pool-priority.ts'
import { BLOCKS_AHEAD } from './side-by-side.ts'
import { SparseCore } from './sparse-core.ts'

/**
 * A core that has been begun: its head is read, the rest follows by {@link blocks}. The head has to be
 * known first: it says how long the core will be, and with that how it must be cut to be stored.
 */
export class CoreStream {
  #head: CoreHead | null
  readonly foreign: string | null
  /** Whether not a byte of it has come. */
  readonly isEmpty: boolean
  /** Whether it may go on behind what was read with the head. */
  readonly isLonger: boolean
  readonly #source: CoreSource
  readonly #begun: Buffer[]
  readonly #unread: Buffer[]
  readonly #memory = new BlockMemory(BLOCK_BYTES, BLOCKS_AHEAD + 1)
  readonly #coming: Ahead<Buffer>
  #compressing: PoolPriority = NO_POOL_PRIORITY
  #sparse: SparseCore | null = null
  #givenBytes = 0
  #readBytes = 0
  /** What lies in memory of it, which grows by {@link readAhead} only. */
  readonly backlog: Backlog

  private constructor(source: CoreSource, begun: Buffer[], head: CoreHead | null, foreign: string | null) {
    this.#source = source
    this.#begun = begun
    this.isEmpty = begun.length === 0
    this.#unread = [...begun]
    // Now: of a block that was handed on even the length may be another thread's.
    this.isLonger = begun.at(-1)?.length === BLOCK_BYTES
    this.#readBytes = begun.reduce((sum, { length }) => sum + length, 0)
    this.#head = head
    this.foreign = foreign
    this.backlog = new Backlog(() => this.#coming.askAgain())
    this.#coming = new Ahead(this.#rest(), {
      hasRoom: () => this.#mayRead(),
      add: block => this.backlog.add(heldBytes(block)),
      // Until it is given back: it lies there while it is compressed.
      remove: () => undefined,
      drop: block => this.giveBack(block),
    })
    for (const block of begun) this.backlog.add(heldBytes(block))
  }

  /** Reads as many blocks as hold the head: one, but for processes with very many mappings or threads. */
  static async begin(source: CoreSource): Promise<CoreStream> {
    const begun: Buffer[] = []
    try {
      return await CoreStream.#begin(source, begun)
    } catch (cause) {
      for (const block of begun) block.fill(0)
      throw cause
    }
  }

  static async #begin(source: CoreSource, begun: Buffer[]): Promise<CoreStream> {
    let wantedBytes = 1
    for (;;) {
      const isWhole = await readTo(wantedBytes, source, begun)
      const read = readJoined(begun)
      if ('head' in read) return new CoreStream(source, begun, read.head, null)
      if ('foreign' in read) return new CoreStream(source, begun, null, read.foreign)
      if (!isWhole) return new CoreStream(source, begun, null, 'it ended within its own header')
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

  /** How much of it has come. */
  get readBytes(): number {
    return this.#readBytes
  }

  /** What was read with the head. */
  get taken(): readonly Buffer[] {
    return this.#begun
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
   * Blocks that were handed on stay as they are, for other threads may be reading them, unless they are left out.
   */
  keepStacksOnly(reason: string): void {
    this.#sparse ??= SparseCore.of(this.head, reason, this.#givenBytes)
    if (this.#sparse === null) this.#source.cut(reason)
  }

  /** Whether zeros may stand in for a block that was handed on, because it has nothing that a backtrace needs. */
  leaveOut(offset: number, sizeBytes: number): boolean {
    return this.#sparse?.leaveOut(offset, sizeBytes) ?? false
  }

  /** `null`: all that was read was kept. */
  get leftOut(): { readonly bytes: number; readonly reason: string } | null {
    const { leftOutBytes: bytes = 0, reason = '' } = this.#sparse ?? {}
    return bytes === 0 ? null : { bytes, reason }
  }

  /** Reads at the pipe's own speed from now on, as long as `allowance` says, whoever asks for {@link blocks}. */
  readAhead(allowance: Allowance, compressing: PoolPriority = NO_POOL_PRIORITY): void {
    this.backlog.allow(allowance)
    this.#compressing = compressing
    this.#coming.begin()
  }

  /** Whether blocks lie here that {@link blocks} has not given. */
  get isBehind(): boolean {
    return this.#coming.isFilled
  }

  /**
   * The core, from its first byte, once, in blocks of {@link BLOCK_BYTES}; only the last is shorter. Each is its
   * reader's until it is given back. Leaving early closes the pipe, at once: a handler that gives up on a core may
   * still have to tidy up, and the crashed process must not wait for that.
   */
  async *blocks(): AsyncGenerator<Buffer> {
    try {
      for await (const block of this.#everyBlock()) {
        this.#sparse?.apply(block, this.#givenBytes)
        this.#givenBytes += block.length
        yield block
      }
    } finally {
      await this.leave()
    }
  }

  giveBack(block: Uint8Array): void {
    this.backlog.remove(heldBytes(block))
    if (block !== zeroBlock()) this.#memory.giveBack(block)
  }

  /** What was read with the head takes memory no more: its core comes from elsewhere. */
  forgetBegun(): void {
    this.#begun.length = 0
    this.#unread.length = 0
  }

  /** Lets the process go. What nobody has read of its core is forgotten. */
  async leave(): Promise<void> {
    this.#source.close()
    await this.#coming.leave()
    for (const block of this.#unread.splice(0)) this.giveBack(block)
  }

  /** Without room, it is who compresses that the process waits for. */
  #mayRead(): boolean {
    const hasRoom = this.backlog.hasRoomFor(BLOCK_BYTES)
    this.#compressing.yieldToReader(hasRoom)
    return hasRoom
  }

  async *#everyBlock(): AsyncGenerator<Buffer> {
    for (let block = this.#unread.shift(); block !== undefined; block = this.#unread.shift()) yield block
    yield* this.#coming
  }

  /** Blocks of zeros, often most of a core, take no memory. */
  async *#rest(): AsyncGenerator<Buffer> {
    try {
      for (let isLast = !this.isLonger; !isLast; ) {
        const block = await readBlock(this.#source, this.#memory.take())
        isLast = block.length < BLOCK_BYTES
        this.#readBytes += block.length
        if (block.length > 0) yield this.#withoutZeros(block)
      }
    } finally {
      this.#memory.end()
      this.backlog.readOut()
      this.#compressing.yieldToReader(false)
    }
  }

  #withoutZeros(block: Buffer): Buffer {
    if (!isZeroBlock(block)) return block
    this.#memory.giveBack(block)
    return zeroBlock()
  }
}

/** Of several blocks a copy in one is read, and overwritten: it may turn out to be nobody's. */
function readJoined(begun: readonly Buffer[]): ReturnType<typeof readCoreHead> {
  const [only, ...others] = begun
  if (only !== undefined && others.length === 0) return readCoreHead(only)
  const joined = Buffer.concat(begun)
  const read = readCoreHead(joined)
  joined.fill(0)
  return read
}

function heldBytes(block: Uint8Array): number {
  return block === zeroBlock() ? 0 : BLOCK_BYTES
}

/**
 * Reads blocks until `bytes` are there in `begun`. Returns whether more may follow. They are joined once, not
 * with each block.
 */
async function readTo(bytes: number, source: CoreSource, begun: Buffer[]): Promise<boolean> {
  while (begun.length * BLOCK_BYTES < bytes) {
    const block = await readBlock(source, Buffer.allocUnsafeSlow(BLOCK_BYTES))
    if (block.length > 0) begun.push(block)
    if (block.length < BLOCK_BYTES) return false
  }
  return true
}

async function readBlock(source: CoreSource, memory: Buffer): Promise<Buffer> {
  return memory.subarray(0, await source.fill(memory))
}
