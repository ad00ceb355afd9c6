/** Where there may be room for what nobody has asked for yet. */
export interface Room<T> {
  /** Whether one more may be taken. */
  hasRoom(): boolean
  add(item: T): void
  /** Its reader has it. */
  remove(item: T): void
  /** It was added, and nobody will have it: its memory is to be freed. */
  drop(item: T): void
}

// Who holds the room may be another process, which does not tell us when it gives it back.
const ASK_AGAIN_MS = 50

const noOne = (): void => undefined

/**
 * Takes items from a source before its reader asks for them, as long as there is room; without room, when it is
 * asked. To be left by {@link leave}, unless all was read.
 */
export class Ahead<T> implements AsyncIterable<T> {
  readonly #source: AsyncIterator<T>
  readonly #room: Room<T>
  readonly #items: T[] = []
  #taking: Promise<void> | null = null
  #isAsked = false
  #isOver = false
  #failure: { readonly cause: unknown } | null = null
  #wakeTaker: () => void = noOne
  #wakeReader: () => void = noOne

  constructor(source: AsyncIterable<T>, room: Room<T>) {
    this.#source = source[Symbol.asyncIterator]()
    this.#room = room
  }

  /** Whether something lies there that nobody has read. */
  get isFilled(): boolean {
    return this.#items.length > 0
  }

  begin(): void {
    this.#taking ??= this.#take()
  }

  /** There may be room now. */
  askAgain(): void {
    this.#wakeTaker()
  }

  /** `undefined`: that was all. Rejects with what the source failed with, once all before it was read. One at a time. */
  async next(): Promise<T | undefined> {
    this.begin()
    while (this.#items.length === 0 && !this.#isOver) {
      this.#isAsked = true
      const filled = new Promise<void>(resolve => {
        this.#wakeReader = resolve
      })
      this.#wakeTaker()
      await filled
    }
    const item = this.#items.shift()
    if (item !== undefined) this.#remove(item)
    else if (this.#failure !== null) throw this.#failure.cause
    return item
  }

  /** Who stops in the middle leaves nothing: {@link leave} may have to wait for what the source waits for. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: async () => {
        const value = await this.next()
        return value === undefined ? { done: true, value } : { done: false, value }
      },
    }
  }

  /** Nothing more is taken; what lies there is nobody's. Resolves when the source has ended. */
  async leave(): Promise<void> {
    this.#isOver = true
    this.#wakeTaker()
    await this.#taking
    for (const item of this.#items.splice(0)) this.#room.drop(item)
    await this.#source.return?.()
  }

  async #take(): Promise<void> {
    try {
      while (await this.#mayTake()) {
        const { done, value } = await this.#source.next()
        if (done) break
        this.#isAsked = false
        this.#items.push(value)
        this.#room.add(value)
        this.#wakeReader()
      }
    } catch (cause) {
      this.#failure = { cause }
    } finally {
      this.#isOver = true
      this.#wakeReader()
    }
  }

  async #mayTake(): Promise<boolean> {
    while (!this.#isOver && !this.#isAsked && !this.#room.hasRoom()) await this.#change()
    return !this.#isOver
  }

  /** Not Promise.race(): one with a promise that stays pending keeps something of each. */
  async #change(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#wakeTaker = resolve
      timer = setTimeout(resolve, ASK_AGAIN_MS).unref()
    })
    clearTimeout(timer)
  }

  #remove(item: T): void {
    this.#room.remove(item)
    this.#wakeTaker()
  }
}
