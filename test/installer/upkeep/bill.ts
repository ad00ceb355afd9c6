import { NotFoundError } from '../../../storage/errors.ts'
import type { ObjectInfo } from '../../../storage/object-store.ts'
import type { Bytes } from '../../../storage/parts/bytes.ts'

/** Of AWS S3, Standard, us-east-1, for a thousand requests; to delete is free. */
const LIST_OR_PUT = 0.005
const GET_OR_HEAD = 0.0004
const PAGE = 1000

/** A store of nothing but names, which counts what is asked as AWS does. */
export class BilledStore {
  lists = 0
  puts = 0
  gets = 0
  removed = 0
  readonly #keys: readonly string[]
  readonly #storedAt: Date

  constructor(keys: readonly string[], storedAt: Date) {
    this.#keys = keys.toSorted()
    this.#storedAt = storedAt
  }

  get dollars(): number {
    return ((this.lists + this.puts) * LIST_OR_PUT + this.gets * GET_OR_HEAD) / 1000
  }

  async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo> {
    const keys = this.#keys
    let at = firstAt(keys, key => key >= prefix && key > after)
    let onPage = 0
    this.lists += 1
    for (; keys[at]?.startsWith(prefix) === true; at += 1) {
      if (onPage === PAGE) {
        this.lists += 1
        onPage = 0
      }
      onPage += 1
      yield { key: keys[at] ?? '', sizeBytes: 0, storedAt: this.#storedAt }
    }
  }

  async *unfinished(): AsyncGenerator<never> {
    this.lists += 1
    yield* []
  }

  async put(_key: string, body: Bytes) {
    this.puts += 1
    for await (const _ of body);
    return 'stored' as const
  }

  async look(): Promise<'absent'> {
    this.gets += 1
    return 'absent'
  }

  async get(key: string): Promise<never> {
    this.gets += 1
    throw new NotFoundError('get', key, new Error('absent'))
  }

  async remove(): Promise<void> {
    this.removed += 1
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    this.removed += keys.length
  }

  location(key: string): string {
    return key
  }
}

function firstAt(keys: readonly string[], isBehind: (key: string) => boolean): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBehind(keys[middle] ?? '')) high = middle
    else low = middle + 1
  }
  return low
}
