import { Tally } from '../serving/tally.ts'
import type { RequestUser } from './resource-request.ts'
import { tooManyRequests } from './status-error.ts'
import { tenantOf } from './tenant.ts'

const RETRY_AFTER_SECONDS = 5

/** How many of what goes on for long go on at once: what one holds, times that, is what the server holds. */
export class UserSlots {
  readonly #most: number
  readonly #what: string
  readonly #taken = new Tally()

  /** `what` there are too many of, in the words of the refusal. */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** Holds a slot while `work` goes on; throws 429 where there is none for this user. */
  async with<T>(user: Pick<RequestUser, 'name'>, work: () => Promise<T>): Promise<T> {
    const tenant = tenantOf(user)
    this.#take(tenant)
    try {
      return await work()
    } finally {
      this.#taken.remove(tenant)
    }
  }

  #take(tenant: string): void {
    const isOver = this.#taken.of(tenant) >= this.#share()
    if (this.#taken.total >= this.#most || isOver) {
      const whose = isOver ? 'of yours' : 'of all users'
      throw tooManyRequests(`too many ${this.#what} ${whose} go on at once`, RETRY_AFTER_SECONDS)
    }
    this.#taken.add(tenant)
  }

  /** As if one tenant more were there, so that whoever comes next finds a slot. */
  #share(): number {
    return Math.max(1, Math.floor(this.#most / (this.#taken.holders + 1)))
  }
}
