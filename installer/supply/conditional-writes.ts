import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { fieldsIn } from '../../crash/fields.ts'
import { GROUPS } from '../../crash/group-key.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { type ConditionalWrites, tryConditionalWrites } from '../../groups/conditional-writes.ts'
import type { Host } from '../../handoff/host.ts'
import { encodeHandoff, type HandoffConditionalWrites, RUN_FILES } from '../../handoff/run-folder.ts'
import { openStore } from '../../storage/open-store.ts'
import { anySignal } from '../../time/any-signal.ts'
import { backoff } from '../../time/backoff.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { openHostStore } from './host-store.ts'

interface TryingOptions {
  readonly config: Config
  readonly host: Host
  readonly nodeName: string
  readonly log: Logger
  readonly attempt?: (signal: AbortSignal) => Promise<ConditionalWrites>
  readonly pause?: Pause
  readonly now?: () => Date
  /** From 0 to 1. */
  readonly random?: () => number
}

/** A trial is some sixty requests: all nodes of a large cluster are not to make them at once, nor at each start. */
const FIRST_SECONDS = 10
const GOOD_SECONDS = 7 * 24 * 3600
/** An operator may have allowed it, or changed the bucket. */
const BAD_SECONDS = 24 * 3600
const RETRY_SECONDS = { first: 30, longest: 3600 }
const DEADLINE_MS = 60_000

/**
 * Finds out for the handlers of the node whether conditional writes work in its store, and again once that is old, until
 * `signal` aborts. What a store said that does not answer now stands as long.
 */
export async function watchConditionalWrites(options: TryingOptions, signal: AbortSignal): Promise<void> {
  const { pause: wait = pause, random = Math.random } = options
  const trial = new Trial(options)
  const known = await trial.goodForSeconds()
  await wait(known + FIRST_SECONDS * random(), signal)
  while (!signal.aborted) {
    const seconds = await trial.renew(signal)
    await wait(seconds * (0.75 + random() / 2), signal)
  }
}

class Trial {
  readonly #file: string
  readonly #store: string
  readonly #log: Logger
  readonly #now: () => Date
  readonly #attempt: (signal: AbortSignal) => Promise<ConditionalWrites>
  #failures = 0

  constructor({ config, host, nodeName, log, now = () => new Date(), attempt }: TryingOptions) {
    this.#file = host.path(path.posix.join(config.paths.run, RUN_FILES.conditionalWrites))
    this.#store = openStore(config.storage).location(GROUPS)
    this.#log = log
    this.#now = now
    this.#attempt = attempt ?? (signal => tryConditionalWrites(openHostStore(host, config), nodeName, signal))
  }

  /** For how long what an installer before us found still stands. */
  async goodForSeconds(): Promise<number> {
    const found = fieldsIn(await readFile(this.#file, 'utf8').catch(() => '')) ?? {}
    const { store, works, triedAt } = found
    const ageSeconds = (this.#now().getTime() - Date.parse(String(triedAt))) / 1000
    const lifeSeconds = works === true ? GOOD_SECONDS : 0
    return store === this.#store && ageSeconds >= 0 && ageSeconds < lifeSeconds ? lifeSeconds - ageSeconds : 0
  }

  /** Returns when to try again. */
  async renew(signal: AbortSignal): Promise<number> {
    try {
      const found = await this.#attempt(anySignal([signal, AbortSignal.timeout(DEADLINE_MS)]))
      await this.#write(found)
      this.#failures = 0
      return found.works ? GOOD_SECONDS : BAD_SECONDS
    } catch (cause) {
      if (!signal.aborted) this.#log.warn(reasonOf(cause), 'conditional writes not tried')
      this.#failures += 1
      return backoff(RETRY_SECONDS, this.#failures)
    }
  }

  async #write(found: ConditionalWrites): Promise<void> {
    this.#log.info({ ...found, store: this.#store }, 'conditional writes tried')
    const record: HandoffConditionalWrites = {
      ...found,
      store: this.#store,
      triedAt: this.#now().toISOString(),
    }
    await writeAtomic(this.#file, encodeHandoff(record))
  }
}
