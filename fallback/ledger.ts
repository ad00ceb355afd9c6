import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { fieldsIn } from '../crash/fields.ts'
import { writeAtomic } from '../durable/atomic-file.ts'
import {
  FORMAT_VERSION,
  isOfAnotherVersion,
  LEFT_ALONE,
  LEFT_ALONE_HINT,
  saysAnotherVersion,
} from '../handoff/format-version.ts'

const MOST = 100_000

/** What became of a file that need not be taken again. Only what is stored may ever be removed. */
type Dealt = 'stored' | 'skipped'

/**
 * The core files that were dealt with and are still there, by their ids, over restarts of ours. Should it be
 * lost, a file is taken again, under the same key.
 */
export class Ledger {
  readonly #file: string
  readonly #log: Logger
  readonly #dealt: Map<string, Dealt>
  #changed = false
  #isLeftAlone = false

  private constructor(file: string, log: Logger, dealt: Map<string, Dealt>) {
    this.#file = file
    this.#log = log
    this.#dealt = dealt
  }

  static async read(file: string, log: Logger): Promise<Ledger> {
    // Nothing on the first start, or if it was lost: rather twice than never.
    const text = await readFile(file, 'utf8').catch(() => '')
    const ledger = new Ledger(file, log, new Map(entriesIn(text)))
    if (saysAnotherVersion(text)) ledger.#leaveAlone()
    return ledger
  }

  /** What another release has written there stays: files are taken again meanwhile, under the same keys. */
  #leaveAlone(): void {
    this.#isLeftAlone = true
    this.#log.warn({ file: this.#file, hint: LEFT_ALONE_HINT }, LEFT_ALONE)
  }

  get(id: string): Dealt | undefined {
    return this.#dealt.get(id)
  }

  /** Too many: the oldest are forgotten. */
  add(id: string, dealt: Dealt): void {
    this.#dealt.set(id, dealt)
    this.#changed = true
    if (this.#dealt.size > MOST) this.#forgetOldest()
  }

  delete(id: string): void {
    this.#changed = this.#dealt.delete(id) || this.#changed
  }

  /** Forgets all that are not in `there`. */
  retain(there: ReadonlySet<string>): void {
    for (const id of this.#dealt.keys()) if (!there.has(id)) this.delete(id)
  }

  #forgetOldest(): void {
    const [oldest] = this.#dealt.keys()
    if (oldest !== undefined) this.#dealt.delete(oldest)
  }

  /** Writes it down, if there is anything new. */
  async keep(): Promise<void> {
    if (!this.#changed || this.#isLeftAlone) return
    this.#changed = false
    try {
      await writeAtomic(
        this.#file,
        JSON.stringify({ version: FORMAT_VERSION, ...Object.fromEntries(this.#dealt) }),
      )
    } catch (cause) {
      // As long as we live we know them. A full disk is no reason to stop emptying it.
      this.#changed = true
      this.#log.warn({ file: this.#file, reason: messageOf(cause) }, 'taken core files not written down')
    }
  }
}

function entriesIn(text: string): [string, Dealt][] {
  const found = fieldsIn(text)
  if (isOfAnotherVersion(found)) return []
  const isDealt = (entry: [string, unknown]): entry is [string, Dealt] =>
    entry[1] === 'stored' || entry[1] === 'skipped'
  return Object.entries(found ?? {})
    .filter(isDealt)
    .slice(-MOST)
}
