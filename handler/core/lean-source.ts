import type { LeanCore, LeanPiece } from '../../crash/lean-core.ts'
import type { CorePipe } from './core-pipe.ts'
import type { CoreSource } from './core-source.ts'

/**
 * Fills `block` with what lies `skip` bytes behind the beginning of `piece`, and returns how many bytes came:
 * fewer only where no more will come.
 */
export type ReadPiece = (piece: LeanPiece, skip: number, block: Buffer) => Promise<number>

/** A lean core, byte by byte. The process is let go as soon as the last of them is read. */
export class LeanSource implements CoreSource {
  readonly #lean: LeanCore
  readonly #read: ReadPiece
  readonly #pipe: Pick<CorePipe, 'cut' | 'close'>
  #at = 0
  #number = 0
  #isOver = false

  constructor(lean: LeanCore, read: ReadPiece, pipe: Pick<CorePipe, 'cut' | 'close'>) {
    this.#lean = lean
    this.#read = read
    this.#pipe = pipe
  }

  async fill(block: Buffer): Promise<number> {
    let filled = 0
    while (filled < block.length && !this.#isOver) {
      const bytes = await this.#fillSome(block.subarray(filled))
      this.#at += bytes
      filled += bytes
      if (bytes === 0 || this.#at === this.#lean.endBytes) this.#end()
    }
    return filled
  }

  cut(reason: string): void {
    this.#isOver = true
    this.#pipe.cut(reason)
  }

  close(): void {
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.#pipe.close()
  }

  /** Of what lies together. 0: nothing more comes. */
  async #fillSome(block: Buffer): Promise<number> {
    const { head, pieces } = this.#lean
    if (this.#at < head.length) return head.copy(block, 0, this.#at)
    const piece = pieces[this.#number]
    if (piece === undefined) return 0
    if (this.#at < piece.at) return zeros(block.subarray(0, piece.at - this.#at))
    const skip = this.#at - piece.at
    const wanted = block.subarray(0, piece.lengthBytes - skip)
    const bytes = await this.#read(piece, skip, wanted)
    if (skip + bytes === piece.lengthBytes) this.#number += 1
    return bytes
  }
}

function zeros(block: Buffer): number {
  block.fill(0)
  return block.length
}
