import { type Day, dayOf } from '../../crash/daily-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

type Store = Pick<ObjectStore, 'look' | 'put'>

/** Something that is done once each day of UTC: on which one it was done last is the time of an object. */
export class DayMark {
  readonly #store: Store
  readonly #name: string
  #doneOn: Day | null = null

  constructor(store: Store, name: string) {
    this.#store = store
    this.#name = name
  }

  /** `folder` with a slash at its end; `now` by the clock of the store. */
  async isDue(folder: string, now: Date): Promise<boolean> {
    const done = await this.#store.look(`${folder}${this.#name}`)
    // Of a store that lets nobody look, what we did ourselves is known.
    const last = typeof done === 'object' ? dayOf(done.storedAt) : done === 'hidden' ? this.#doneOn : null
    return last === null || last < dayOf(now)
  }

  async done(folder: string, now: Date): Promise<void> {
    this.#doneOn = dayOf(now)
    await this.#store.put(`${folder}${this.#name}`, [], 0)
  }
}
