import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { reasonOf } from '../crash/errors.ts'
import { parseQuota, quotaKey, type Use } from '../crash/quota.ts'
import { orIfMissing } from '../crash/system-error.ts'
import { writeWhole } from '../durable/atomic-file.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { smallText } from '../storage/small-text.ts'
import { QuestionTime } from './deduplicate/question-time.ts'

interface Asked {
  /** Empty: it has no name. */
  readonly cluster: string
  /** First segment of the crash's folder. */
  readonly namespace: string
  /** Whether its process is held meanwhile. */
  readonly isHeld: () => boolean
}

interface World {
  readonly store: Pick<ObjectStore, 'get'>
  /** On no disk. */
  readonly folder: string
  /** Of the handlers of a node few ask at once: what that loads takes memory. */
  readonly waitToAsk: (namespace: string, giveUp: Promise<void>) => Promise<{ end(): void }>
  readonly now: () => Date
  readonly log: Logger
}

const LARGEST_BYTES = 4096
/** Of a file system in memory: of namespaces that come and go all is forgotten at times. */
const MOST_REMEMBERED = 1000
const REMEMBERED_MS = 5 * 60_000
/** Whoever sums is gone for so long, then. */
const OLD_MS = 2 * 24 * 3_600_000

/** What the crashes of a namespace have used of its quota, as the store has it, and the node remembers. */
export class NamespaceQuota {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** `null`: nobody says it in time, and cores are kept. Never rejects. */
  async of(asked: Asked): Promise<Use | null> {
    const { now, log } = this.#world
    const key = quotaKey(asked.cluster, asked.namespace)
    try {
      const record = parseQuota((await this.#remembered(key)) ?? (await this.#ask(key, asked)))
      return record !== null && now().getTime() - record.at.getTime() < OLD_MS ? record : null
    } catch (cause) {
      log.warn({ key, ...reasonOf(cause) }, 'not known how much of its quota a namespace has used')
      return null
    }
  }

  async #remembered(key: string): Promise<string | null> {
    const file = this.#file(key)
    const found = await stat(file).catch(orIfMissing(null))
    const isFresh = found !== null && Math.abs(this.#world.now().getTime() - found.mtimeMs) < REMEMBERED_MS
    return isFresh ? readFile(file, 'utf8') : null
  }

  /** What does not look at the signal is left behind. */
  async #ask(key: string, { namespace, isHeld }: Asked): Promise<string> {
    const { store, waitToAsk } = this.#world
    using time = new QuestionTime(isHeld)
    const giveUp = Promise.withResolvers<void>()
    time.over.catch(() => giveUp.resolve())
    const slot = await Promise.race([waitToAsk(namespace, giveUp.promise), time.over])
    try {
      const text = (await Promise.race([smallText(store, key, LARGEST_BYTES, time.signal), time.over])) ?? ''
      await this.#remember(key, text)
      return text
    } finally {
      slot.end()
    }
  }

  /** A node that cannot asks the next time, too. */
  async #remember(key: string, text: string): Promise<void> {
    const { folder, log } = this.#world
    try {
      const { length } = await readdir(folder).catch(orIfMissing([]))
      if (length >= MOST_REMEMBERED) await rm(folder, { recursive: true, force: true })
      await writeWhole(this.#file(key), text)
    } catch (cause) {
      log.debug({ key, ...reasonOf(cause) }, 'quota not remembered')
    }
  }

  #file(key: string): string {
    return path.join(this.#world.folder, createHash('sha256').update(key).digest('hex').slice(0, 32))
  }
}
