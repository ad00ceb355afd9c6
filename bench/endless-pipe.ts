import { randomFillSync } from 'node:crypto'
import { BLOCK_BYTES } from '../handler/core/block.ts'
import { CorePipe } from '../handler/core/core-pipe.ts'
import { elfCore } from '../test/fakes/elf-core.ts'

type Filling = 'zeros' | 'random'

// Where the second of two segments has its sizes, in the file and in memory: see elf(5).
const SIZES_AT = 64 + 56 + 32

/** The first bytes of a core of one mapping of `memoryBytes`, which the rest of the core is. */
export function headOf(memoryBytes: number): Buffer {
  const head = elfCore({ memory: [{ address: 0x400000n, bytes: Buffer.alloc(0) }] })
  head.writeBigUInt64LE(BigInt(memoryBytes), SIZES_AT)
  head.writeBigUInt64LE(BigInt(memoryBytes), SIZES_AT + 8)
  return head
}

/**
 * A pipe with more in it than there is time to make: each block is filled when its memory is first seen, and
 * after that, of random ones, only the number is written into it. A reader of the bytes can tell later where
 * they belong.
 */
export class EndlessPipe extends CorePipe {
  readonly #head: Buffer
  readonly #filling: Filling
  readonly #seen = new WeakSet<ArrayBufferLike>()
  readonly endBytes: number
  #given = 0

  constructor(memoryBytes: number, filling: Filling) {
    super(-1, { release: () => undefined })
    this.#head = headOf(memoryBytes)
    this.#filling = filling
    this.endBytes = this.#head.length + memoryBytes
  }

  override async fill(block: Buffer): Promise<number> {
    const length = Math.min(block.length, this.endBytes - this.#given)
    if (!this.#seen.has(block.buffer)) this.#fillOnce(block)
    if (this.#given === 0) this.#head.copy(block)
    else if (this.#filling === 'random' && length >= 8) block.writeBigUInt64LE(stampAt(this.#given))
    this.#given += length
    return length
  }

  #fillOnce(block: Buffer): void {
    this.#seen.add(block.buffer)
    if (this.#filling === 'random') randomFillSync(block)
    else block.fill(0)
  }
}

/** What stands at `offset` of the core, where a block begins. */
export function stampAt(offset: number): bigint {
  return BigInt(offset / BLOCK_BYTES)
}
