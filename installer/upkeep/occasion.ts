import type { ObjectStore } from '../../storage/object-store.ts'

type Store = Pick<ObjectStore, 'look' | 'put'>

/** Of so long, some is left for a round that takes its time, so that it stays at its time of the day. */
const EARLY = 0.95

/**
 * Something that is done once in so long, by whoever does it: when it was done is the time of an object, by the clock of
 * the store, so that another one knows.
 */
export class Occasion {
  readonly #store: Store
  readonly #name: string
  readonly #seconds: number
  #doneAtMs = Number.NEGATIVE_INFINITY
  /** When it was done last, as the store said when it was asked; `null`: never, or it may not be known. */
  doneAt: Date | null = null

  constructor(store: Store, name: string, seconds: number) {
    this.#store = store
    this.#name = name
    this.#seconds = seconds
  }

  /** `folder` with a slash at its end; `now` by the clock of the store. */
  async isDue(folder: string, now: Date): Promise<boolean> {
    const done = await this.#store.look(`${folder}${this.#name}`)
    this.doneAt = typeof done === 'object' ? done.storedAt : null
    const sinceMs =
      typeof done === 'object'
        ? now.getTime() - done.storedAt.getTime()
        : // Of a store that lets nobody look, what we did ourselves is known.
          done === 'hidden'
          ? performance.now() - this.#doneAtMs
          : Number.POSITIVE_INFINITY
    return sinceMs > this.#seconds * EARLY * 1000
  }

  async done(folder: string): Promise<void> {
    this.#doneAtMs = performance.now()
    await this.#store.put(`${folder}${this.#name}`, [], 0)
  }
}

/** What time it is at the store, by an object that is stored now; ours, where we may not look. */
export async function storeTime(store: Store, folder: string): Promise<Date> {
  const key = `${folder}now`
  await store.put(key, [], 0)
  const found = await store.look(key)
  return typeof found === 'object' ? found.storedAt : new Date()
}
