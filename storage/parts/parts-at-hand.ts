import type { Part } from './part.ts'

/** Parts that were sent or kept, for as long as their buffer is not filled anew. */
export class PartsAtHand {
  readonly #parts = new Map<Buffer, Part>()

  add(part: Part): void {
    this.#parts.set(part.buffer, part)
  }

  /** Another part lies in it. */
  forget(buffer: Buffer): void {
    this.#parts.delete(buffer)
  }

  /** In their order. */
  all(): readonly Part[] {
    return [...this.#parts.values()].toSorted((a, b) => a.number - b.number)
  }

  /** Those of `numbers`, up to the first that is gone; `gone` is its number, `null` if none is. */
  upToGone(numbers: readonly number[]): { readonly parts: readonly Part[]; readonly gone: number | null } {
    const all = this.all()
    const gone = numbers.find(number => !all.some(part => part.number === number)) ?? null
    const parts = all.filter(({ number }) => numbers.includes(number) && (gone === null || number < gone))
    return { parts, gone }
  }
}
