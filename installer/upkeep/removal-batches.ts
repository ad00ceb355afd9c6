import path from 'node:path'
import { fieldsIn } from '../../crash/fields.ts'
import { parseIndexKey } from '../../crash/index-entry.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { CRASH_FILES } from '../../crash-index/stored-crash.ts'
import { anotherVersion, FORMAT_VERSION, saysAnotherVersion } from '../../handoff/format-version.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { unanswered } from '../../storage/parts/lost-error.ts'
import { smallText } from '../../storage/small-text.ts'

type Store = Pick<ObjectStore, 'get' | 'put' | 'remove' | 'removeAll' | 'location'>

/** What stores take in one request. */
const MOST_KEYS = 1000
/** A key has 1024 bytes at the most. */
const MOST_JOURNAL_BYTES = 4 * 1024 * 1024

/**
 * Takes stored crashes away, many in one request. After a kill in the midst of it a report would stand there whose core
 * is gone, and no listing tells it from a crash of which only the report was kept; so each batch is written down first,
 * in the store, where another node finds it that goes on.
 */
export class RemovalBatches {
  readonly #store: Store
  readonly #journal: string
  readonly #signal: AbortSignal
  #keys: string[] = []

  constructor(store: Store, journal: string, signal: AbortSignal) {
    this.#store = store
    this.#journal = journal
    this.#signal = signal
  }

  /** All that is left of one crash. Rejects once `signal` is aborted. */
  async add(keys: readonly string[]): Promise<void> {
    if (this.#keys.length + keys.length > MOST_KEYS) await this.#remove()
    this.#keys.push(...keys)
  }

  async end(): Promise<void> {
    if (this.#keys.length === 0) return
    await this.#remove()
    await this.#store.remove(this.#journal)
  }

  async #remove(): Promise<void> {
    this.#signal.throwIfAborted()
    const text = Buffer.from(`${JSON.stringify({ version: FORMAT_VERSION, keys: this.#keys })}\n`)
    if ((await this.#store.put(this.#journal, [text], text.length)) === 'unanswered') throw unanswered()
    await this.#store.removeAll(this.#keys)
    this.#keys = []
  }
}

/**
 * Removes the rest of what a kill left half removed, whatever the configuration says by now: half of it is gone. Rejects
 * with an {@link OperatorError} if another version began it: nothing else is removed before that is over.
 */
export async function finishBatch(store: Store, journal: string): Promise<void> {
  const text = await smallText(store, journal, MOST_JOURNAL_BYTES)
  if (text === null) return
  if (saysAnotherVersion(text)) throw anotherVersion(store.location(journal))
  await store.removeAll(keysIn(text))
  await store.remove(journal)
}

/** Nothing but what we would remove: whoever may write to the store may have written it. */
function keysIn(text: string): readonly string[] {
  const { keys } = fieldsIn(text) ?? {}
  return Array.isArray(keys) ? keys.filter(key => typeof key === 'string' && isOfCrash(key)) : []
}

function isOfCrash(key: string): boolean {
  if (parseIndexKey(key) !== null) return true
  return CRASH_FILES.includes(path.posix.basename(key)) && parseCrashFolder(path.posix.dirname(key)) !== null
}
