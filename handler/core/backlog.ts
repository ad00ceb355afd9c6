import { type Allowance, NO_ALLOWANCE } from './allowance.ts'

/** What of a core lies in memory between its pipe and its store, beside what it takes to stream it. */
export class Backlog {
  readonly #onRoom: () => void
  #allowance: Allowance = NO_ALLOWANCE
  #bytes = 0
  #isRead = false

  /** `onRoom` is called when there may be more room. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom
  }

  /** From now on it may grow. */
  allow(allowance: Allowance): void {
    this.#allowance = allowance
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether all of the core has been read: what is still to come takes no more than what is here. */
  get isReadOut(): boolean {
    return this.#isRead
  }

  hasRoomFor(bytes: number): boolean {
    return this.#allowance.mayHold(this.#bytes + bytes)
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  remove(bytes: number): void {
    this.#bytes -= bytes
    if (this.#isRead) this.#allowance.keep(this.#bytes)
    else this.#onRoom()
  }

  /** The pipe is at its end: from now on it only shrinks. */
  readOut(): void {
    this.#isRead = true
    this.#allowance.keep(this.#bytes)
  }
}
