import { createHash } from 'node:crypto'
import { nodeMark, nodeMarks } from '../../crash/upkeep-key.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import type { Clock } from '../../time/rate-limiter.ts'

interface Marking {
  readonly cluster: string
  readonly node: string
  readonly clock: Pick<Clock, 'now'>
}

type Store = Pick<ObjectStore, 'list' | 'put' | 'remove'>

const RENEW_MS = 12 * 3_600_000
/** Of a node that is gone, another one takes its place after it. */
const FRESH_MS = 2 * 24 * 3_600_000
const FORGOTTEN_MS = 30 * 24 * 3_600_000

/**
 * Which node does what one does for all where no API server says it: of those whose mark in the store is fresh, that
 * of the lowest hash. All times are those of the store. For a while there may be two, which does no harm.
 */
export class NodeMarks {
  readonly #store: Store
  readonly #marking: Marking
  #markedAtMs = Number.NEGATIVE_INFINITY

  constructor(store: Store, marking: Marking) {
    this.#store = store
    this.#marking = marking
  }

  /** Rejects with the error of the store. */
  async isOurs(): Promise<boolean> {
    await this.#mark()
    const marks = await this.#all()
    const now = marks.find(({ key }) => key === this.#own)?.storedAt.getTime()
    if (now === undefined) return false
    const first = marks.filter(mark => now - mark.storedAt.getTime() < FRESH_MS).toSorted(byHash)[0]
    if (first?.key !== this.#own) return false
    for (const { key, storedAt } of marks)
      if (now - storedAt.getTime() > FORGOTTEN_MS) await this.#store.remove(key)
    return true
  }

  async #mark(): Promise<void> {
    const nowMs = this.#marking.clock.now()
    if (nowMs - this.#markedAtMs < RENEW_MS) return
    await this.#store.put(this.#own, [], 0)
    this.#markedAtMs = nowMs
  }

  async #all(): Promise<readonly ObjectInfo[]> {
    const marks: ObjectInfo[] = []
    for await (const mark of this.#store.list(nodeMarks(this.#marking.cluster))) marks.push(mark)
    return marks
  }

  get #own(): string {
    return nodeMark(this.#marking.cluster, this.#marking.node)
  }
}

function byHash(one: ObjectInfo, other: ObjectInfo): number {
  return hashOf(one).compare(hashOf(other))
}

function hashOf({ key }: ObjectInfo): Buffer {
  return createHash('sha256').update(key).digest()
}
