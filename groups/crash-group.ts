import type { ObjectStore } from '../storage/object-store.ts'
import { smallText } from '../storage/small-text.ts'
import { inParallel } from '../time/in-parallel.ts'
import { type GroupObject, groupObjectName } from './group-objects.ts'
import { encodeSummary, type GroupSummary, parseSummary, summaryOf } from './group-summary.ts'
import { encodeMute, type Mute, parseMute } from './mute.ts'
import { encodeNodeCount, LONGEST_COUNT_BYTES, type NodeCount, parseNodeCount } from './node-count.ts'
import { encodeTold, LONGEST_RECORD_BYTES, parseTold, type ToldRecord } from './told-record.ts'

export type GroupStore = Pick<ObjectStore, 'put' | 'putIfNew' | 'get' | 'list' | 'remove'>

/** Each is one small request. */
const AT_ONCE = 16

/** What the store has of one group: small objects below its folder. Methods reject with a StoreError. */
export class CrashGroup {
  readonly #store: GroupStore
  readonly #folder: string

  constructor(store: GroupStore, folder: string) {
    this.#store = store
    this.#folder = folder
  }

  /** Each node overwrites its own. */
  async putCount(node: string, count: NodeCount): Promise<void> {
    await this.#put({ what: 'seen', node }, encodeNodeCount(count))
  }

  /** `null`: there is none that can be read. */
  async count(node: string, signal: AbortSignal): Promise<NodeCount | null> {
    const text = await this.#text({ what: 'seen', node }, LONGEST_COUNT_BYTES, signal)
    return text === null ? null : parseNodeCount(text)
  }

  /** Of those nodes; what cannot be read counts nothing. */
  async counts(nodes: readonly string[], signal: AbortSignal): Promise<readonly NodeCount[]> {
    const found = await inParallel(nodes, AT_ONCE, node => this.count(node, signal))
    return found.filter(count => count !== null)
  }

  /** Sums what those nodes count, and leaves it for who asks. `null`: there is nothing. */
  async summarise(nodes: readonly string[], signal: AbortSignal): Promise<GroupSummary | null> {
    const summary = summaryOf(await this.counts(nodes, signal))
    if (summary !== null) await this.#put({ what: 'summary' }, encodeSummary(summary))
    return summary
  }

  /** As the holder of the Lease has summed it last; `null`: nobody has. */
  async summary(signal: AbortSignal): Promise<GroupSummary | null> {
    const text = await this.#text({ what: 'summary' }, LONGEST_COUNT_BYTES, signal)
    return text === null ? null : parseSummary(text)
  }

  /** Who wins tells message number `update` of the group; 0: the first. */
  async claim(update: number | 'quiet', record: ToldRecord, signal: AbortSignal): Promise<'won' | 'refused'> {
    return await this.#store.putIfNew(this.#key(messageOf(update)), Buffer.from(encodeTold(record)), signal)
  }

  /** `null`: nobody has told it. */
  async told(update: number | 'quiet', signal: AbortSignal): Promise<ToldRecord | null> {
    const text = await this.#text(messageOf(update), LONGEST_RECORD_BYTES, signal)
    return text === null ? null : parseTold(text)
  }

  async mute(mute: Mute): Promise<void> {
    await this.#put({ what: 'muted' }, encodeMute(mute))
  }

  async unmute(): Promise<void> {
    await this.remove({ what: 'muted' })
  }

  /** `null`: it is not muted. */
  async muted(signal: AbortSignal): Promise<Mute | null> {
    const text = await this.#text({ what: 'muted' }, LONGEST_RECORD_BYTES, signal)
    return text === null ? null : parseMute(text)
  }

  async isMuted(now: Date, signal: AbortSignal): Promise<boolean> {
    const mute = await this.muted(signal)
    return mute !== null && mute.until > now
  }

  async remove(object: GroupObject): Promise<void> {
    await this.#store.remove(this.#key(object))
  }

  async #put(object: GroupObject, text: string): Promise<void> {
    const body = Buffer.from(text)
    await this.#store.put(this.#key(object), [body], body.length)
  }

  async #text(object: GroupObject, mostBytes: number, signal: AbortSignal): Promise<string | null> {
    return await smallText(this.#store, this.#key(object), mostBytes, signal)
  }

  #key(object: GroupObject): string {
    return `${this.#folder}/${groupObjectName(object)}`
  }
}

function messageOf(update: number | 'quiet'): GroupObject {
  return update === 'quiet' ? { what: 'quiet' } : { what: 'told', update }
}
