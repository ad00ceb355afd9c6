import { tooManyRequests } from './status-error.ts'

const RETRY_AFTER_SECONDS = 5

/** How many of what goes on for long go on at once: what one holds, times that, is what the server holds. */
export class UserSlots {
  readonly #most: number
  readonly #what: string
  readonly #ofUser = new Map<string, number>()
  #taken = 0

  /** `what` there are too many of, in the words of the refusal. */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** Holds a slot while `work` goes on; throws 429 where there is none for this user. */
  async with<T>(user: string, work: () => Promise<T>): Promise<T> {
    this.#take(user)
    try {
      return await work()
    } finally {
      this.#giveBack(user)
    }
  }

  #take(user: string): void {
    const own = this.#ofUser.get(user) ?? 0
    if (this.#taken >= this.#most || own >= this.#share()) {
      const whose = own >= this.#share() ? 'of yours' : 'of all users'
      throw tooManyRequests(`too many ${this.#what} ${whose} go on at once`, RETRY_AFTER_SECONDS)
    }
    this.#taken += 1
    this.#ofUser.set(user, own + 1)
  }

  #giveBack(user: string): void {
    const left = (this.#ofUser.get(user) ?? 1) - 1
    if (left === 0) this.#ofUser.delete(user)
    else this.#ofUser.set(user, left)
    this.#taken -= 1
  }

  /** As if one user more were there, so that whoever comes next finds a slot. */
  #share(): number {
    return Math.max(1, Math.floor(this.#most / (this.#ofUser.size + 1)))
  }
}
