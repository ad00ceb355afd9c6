import { createHash } from 'node:crypto'
import type { CompressedBlock } from './compressed-block.ts'

/** Hashes of what is stored, in hexadecimal. */
export type Hashes = Partial<Record<HashName, string>>

export type HashName = 'sha256' | 'md5'

/** Hashes a core as it is stored. */
export interface Digest {
  /**
   * The block is the digest's from now on, which releases it. Resolves when there is room for another one. Never
   * rejects.
   */
  add(block: CompressedBlock): Promise<void>
  /** Without what could not be hashed: a core is worth more than its hash. */
  end(): Promise<Hashes>
  /** Ends it early. Afterwards too, that is no error. */
  close(): void
}

/** In this very thread. */
export class DigestHere implements Digest {
  readonly #hashes

  constructor(names: readonly HashName[]) {
    this.#hashes = names.map(name => ({ name, hash: createHash(name) }))
  }

  async add(block: CompressedBlock): Promise<void> {
    for (const { hash } of this.#hashes) for (const chunk of block.chunks) hash.update(chunk)
    block.release()
  }

  async end(): Promise<Hashes> {
    return Object.fromEntries(this.#hashes.map(({ name, hash }) => [name, hash.digest('hex')]))
  }

  close(): void {
    // There is nothing that would go on.
  }
}
