/**
 * How much of its files may be in memory at once while one crash is explained: of what is not read in pieces, but
 * whole, and of what is decompressed. What has a place keeps it.
 */
export class Room {
  #leftBytes: number

  constructor(sizeBytes: number) {
    this.#leftBytes = sizeBytes
  }

  /** Whether there is room for so much; it is taken then. */
  take(sizeBytes: number): boolean {
    if (!(sizeBytes <= this.#leftBytes)) return false
    this.#leftBytes -= sizeBytes
    return true
  }

  add(sizeBytes: number): void {
    this.#leftBytes += sizeBytes
  }
}
