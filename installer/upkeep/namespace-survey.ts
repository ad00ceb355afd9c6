import type { RetentionConfig } from '../../config/config.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'

/** A person may be looking at it, and its handler's clock may differ from ours. */
const UNTOUCHED_SECONDS = 3600
/** A tenant chooses where its programs crash: so many bugs, and no more, have their last core stay. */
const MOST_SPARED = 1000

type Limits = Pick<RetentionConfig, 'maxAgeSeconds' | 'maxCount' | 'maxBytes' | 'minOfGroup'>

/**
 * All crashes of one namespace, the newest first: how many there are, and which stay because they are the last ones of
 * their group. These are the first to count towards the limits, which they do not exceed; they are of any age.
 */
export class NamespaceSurvey {
  readonly #limits: Limits
  readonly #ofGroup = new Map<string, number>()
  readonly #spared = new Map<string, IndexEntry>()
  #sparedBytes = 0
  #count = 0
  #bytes = 0
  #oldest: Date | null = null

  constructor(limits: Limits) {
    this.#limits = limits
  }

  add(entry: IndexEntry): void {
    this.#count += 1
    this.#bytes += entry.storedBytes
    if (this.#isSpared(entry)) {
      this.#spared.set(indexedFolder(entry), entry)
      this.#sparedBytes += entry.storedBytes
    } else this.#oldest = entry.time
  }

  /** Of those that are not spared; `null`: there is none. */
  get oldest(): Date | null {
    return this.#oldest
  }

  get spared(): readonly IndexEntry[] {
    return [...this.#spared.values()]
  }

  /** Whether there may be anything to remove. */
  isOver(now: Date): boolean {
    const { maxAgeSeconds, maxCount, maxBytes } = this.#limits
    const isOld = this.#oldest !== null && maxAgeSeconds > 0 && ageSeconds(this.#oldest, now) > maxAgeSeconds
    return isOld || (maxCount > 0 && this.#count > maxCount) || (maxBytes > 0 && this.#bytes > maxBytes)
  }

  /** Says of each crash, which are asked for in the same order, whether it is over the limits. */
  judge(now: Date): (entry: IndexEntry) => boolean {
    const { maxAgeSeconds, maxCount, maxBytes } = this.#limits
    let [count, bytes] = [this.#spared.size, this.#sparedBytes]
    return entry => {
      if (this.#spared.has(indexedFolder(entry))) return false
      count += 1
      bytes += entry.storedBytes
      const age = ageSeconds(entry.time, now)
      if (age <= UNTOUCHED_SECONDS) return false
      if (maxAgeSeconds > 0 && age > maxAgeSeconds) return true
      return (maxCount > 0 && count > maxCount) || (maxBytes > 0 && bytes > maxBytes)
    }
  }

  #isSpared({ group, storedBytes }: IndexEntry): boolean {
    const { minOfGroup, maxCount, maxBytes } = this.#limits
    if (group === null || storedBytes === 0 || this.#spared.size === MOST_SPARED) return false
    const ofGroup = (this.#ofGroup.get(group) ?? 0) + 1
    if (ofGroup > minOfGroup || (maxCount > 0 && this.#spared.size >= maxCount)) return false
    if (maxBytes > 0 && this.#sparedBytes + storedBytes > maxBytes) return false
    this.#ofGroup.set(group, ofGroup)
    return true
  }
}

function ageSeconds(time: Date, now: Date): number {
  return (now.getTime() - time.getTime()) / 1000
}
