import type { RetentionConfig } from '../../config/config.ts'
import type { StoredCrash } from '../../crash-index/stored-crash.ts'

/** A person may be looking at it, and its handler's clock may differ from ours. */
const UNTOUCHED_SECONDS = 3600

/** The crashes of one namespace, of which it keeps only as many in memory as may be removed in one round. */
export class Surplus {
  readonly #most: number
  #oldest: StoredCrash[] = []
  #count = 0
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  add(crash: StoredCrash): void {
    this.#count += 1
    this.#bytes += crash.bytes
    this.#oldest.push(crash)
    if (this.#oldest.length >= 2 * this.#most) this.#oldest = this.#inOrder().slice(0, this.#most)
  }

  /** What is over the limits, the oldest first, at most so many as one round removes. */
  beyond({ maxAgeSeconds, maxCount, maxBytes }: RetentionConfig, now: Date): readonly StoredCrash[] {
    let count = this.#count
    let bytes = this.#bytes
    const isOver = (ageSeconds: number) =>
      (maxAgeSeconds > 0 && ageSeconds > maxAgeSeconds) ||
      (maxCount > 0 && count > maxCount) ||
      (maxBytes > 0 && bytes > maxBytes)
    const over: StoredCrash[] = []
    for (const crash of this.#inOrder().slice(0, this.#most)) {
      const ageSeconds = (now.getTime() - crash.time.getTime()) / 1000
      if (ageSeconds <= UNTOUCHED_SECONDS || !isOver(ageSeconds)) break
      over.push(crash)
      count -= 1
      bytes -= crash.bytes
    }
    return over
  }

  #inOrder(): StoredCrash[] {
    return this.#oldest.sort((one, other) => one.time.getTime() - other.time.getTime())
  }
}
