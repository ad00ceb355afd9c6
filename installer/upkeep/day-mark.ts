import { type Day, dayOf } from '../../crash/daily-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

type Store = Pick<ObjectStore, 'look' | 'put'>

/** Nodes have clocks that differ, and handlers are still storing what crashed at midnight: a day ends so much later. */
const MIDNIGHT_MS = 10 * 60_000

/** When it is a day that ends a little later: what is over of it has come. */
export function settled(time: Date): Date {
  return new Date(time.getTime() - MIDNIGHT_MS)
}

/**
 * Something that is done once each day of UTC, as it ends: on which one it was done last is the time of an object. All
 * times are those of the store.
 */
export class DayMark {
  readonly #store: Store
  readonly #name: string
  #doneOn: Day | null = null

  constructor(store: Store, name: string) {
    this.#store = store
    this.#name = name
  }

  /** `folder` with a slash at its end. */
  async isDue(folder: string, time: Date): Promise<boolean> {
    const done = await this.#store.look(`${folder}${this.#name}`)
    // Of a store that lets nobody look, what we did ourselves is known.
    const hidden = done === 'hidden' ? this.#doneOn : null
    const last = typeof done === 'object' ? dayOf(settled(done.storedAt)) : hidden
    return last === null || last < dayOf(settled(time))
  }

  /** `time` of when it was begun. */
  async done(folder: string, time: Date): Promise<void> {
    this.#doneOn = dayOf(settled(time))
    await this.#store.put(`${folder}${this.#name}`, [], 0)
  }
}
