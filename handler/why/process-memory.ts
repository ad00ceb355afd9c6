import type { Memory } from '../../crash/image/memory.ts'
import type { Modules } from '../../crash/image/module.ts'
import type { Piece } from './evidence.ts'

/** What was copied of a process, and what was mapped from files and cannot have been written to. */
export class ProcessMemory implements Memory {
  readonly #pieces: readonly Piece[]
  readonly #modules: Modules

  constructor(pieces: readonly Piece[], modules: Modules) {
    this.#pieces = pieces
    this.#modules = modules
  }

  read(address: bigint, lengthBytes: number): Buffer | null {
    const copied = pieceAt(this.#pieces, address, lengthBytes)
    if (copied !== null) return copied
    const module = this.#modules.at(address)
    return module?.image?.loadedReadOnly(address - module.bias, lengthBytes) ?? null
  }
}

/** What lies at `address`, if one of `pieces` has all of it. */
export function pieceAt(pieces: readonly Piece[], address: bigint, lengthBytes: number): Buffer | null {
  for (const { address: start, bytes } of pieces) {
    const at = Number(address - start)
    if (at >= 0 && at + lengthBytes <= bytes.length)
      return Buffer.from(bytes.buffer, bytes.byteOffset + at, lengthBytes)
  }
  return null
}
