import { createHash, randomBytes } from 'node:crypto'

const BITS = 2 ** 27
const POSITIONS = 4

/**
 * Which crashes are in the index, of ten million in 16 MiB. Of those that are not, some few in a thousand count as if
 * they were, others each time.
 */
export class KnownCrashes {
  readonly #bits = new Uint8Array(BITS / 8)
  readonly #seed = randomBytes(8)

  add(id: string): void {
    for (const { byte, bit } of this.#positions(id)) this.#bits[byte] = (this.#bits[byte] ?? 0) | bit
  }

  mayHave(id: string): boolean {
    return this.#positions(id).every(({ byte, bit }) => ((this.#bits[byte] ?? 0) & bit) !== 0)
  }

  #positions(id: string): { readonly byte: number; readonly bit: number }[] {
    const digest = createHash('sha256').update(this.#seed).update(id).digest()
    return Array.from({ length: POSITIONS }, (_, at) => {
      const position = digest.readUInt32LE(at * 4) % BITS
      return { byte: position >>> 3, bit: 1 << (position & 7) }
    })
  }
}
