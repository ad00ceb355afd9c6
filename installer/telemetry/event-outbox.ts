import { createHash } from 'node:crypto'
import { access, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { boundedText } from '../../handoff/bounded-text.ts'
import { FORMAT_VERSION, saysAnotherVersion } from '../../handoff/format-version.ts'
import { LeftAlone } from '../../handoff/left-alone.ts'
import { type KubeEvent, keptEvent } from './events.ts'

/** Some megabytes; what people read of an hour is far less. */
const MOST_EVENTS = 1_000
/** Of an Event, the note has a kilobyte, and its object's name a quarter. */
const LARGEST_BYTES = 16 * 1024
/** An Event is shown for an hour after it was posted. What is older than a day is not looked for there. */
const LONGEST_LIFE_MS = 24 * 3600 * 1000

const NAME = /^(\d{13})-[0-9a-f]{16}\.json$/

/**
 * Events on the node's disk that the API server was not there for, one file each, until it is. The installer
 * alone uses it.
 */
export class EventOutbox {
  readonly #folder: string
  readonly #log: Logger
  readonly #leftAlone: LeftAlone

  /** `folder` stands in the state folder of the node. */
  constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
    this.#leftAlone = new LeftAlone(log)
  }

  /**
   * Keeps `event`; one that is there already is there once. Never rejects: what an Event says is in the log,
   * too.
   */
  async add(event: KubeEvent): Promise<void> {
    try {
      // A node that was left has no state folder any more, and gets none for this.
      await access(path.dirname(this.#folder))
      if ((await this.#names()).length >= MOST_EVENTS) return this.#leftOut(event, 'too many wait')
      await writeAtomic(
        path.join(this.#folder, nameOf(event)),
        JSON.stringify({ version: FORMAT_VERSION, ...event }),
      )
    } catch (cause) {
      this.#leftOut(event, messageOf(cause))
    }
  }

  /**
   * Hands all that is there to `post`, the oldest first, until one is not `settled`. Gives whether all were.
   * Rejects as `node:fs` does.
   */
  async deliver(post: (event: KubeEvent) => Promise<'settled' | 'away'>): Promise<boolean> {
    for (const name of await this.#names()) {
      const file = path.join(this.#folder, name)
      const event = await readEvent(file)
      if (event === 'another version') {
        this.#leftAlone.tell(file)
        continue
      }
      if (event !== null && !isTooOld(name) && (await post(event)) === 'away') return false
      await rm(file, { force: true })
    }
    return true
  }

  /** Removes what a kill left half written. */
  async tidy(): Promise<void> {
    for (const name of await namesIn(this.#folder))
      if (name.endsWith('.new')) await rm(path.join(this.#folder, name), { force: true })
  }

  async #names(): Promise<readonly string[]> {
    return (await namesIn(this.#folder)).filter(name => NAME.test(name)).toSorted()
  }

  #leftOut({ reason, regarding }: KubeEvent, why: string): void {
    this.#log.warn({ event: reason, regarding, reason: why }, 'event left out')
  }
}

/** By its time, so that a listing has the oldest first, and by its own name, which is that of its crash. */
function nameOf({ eventTime, metadata }: KubeEvent): string {
  const time = String(Math.max(0, Date.parse(eventTime) || 0)).padStart(13, '0')
  const digest = createHash('sha256').update(`${metadata.namespace}/${metadata.name}`).digest('hex')
  return `${time}-${digest.slice(0, 16)}.json`
}

function isTooOld(name: string): boolean {
  return Date.now() - Number(NAME.exec(name)?.[1]) > LONGEST_LIFE_MS
}

/** `null`: it is none, or gone. */
async function readEvent(file: string): Promise<KubeEvent | 'another version' | null> {
  const text = (await boundedText(file, LARGEST_BYTES)) ?? ''
  return saysAnotherVersion(text) ? 'another version' : keptEvent(text)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(orIfMissing([]))
}
