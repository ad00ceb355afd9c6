import { Backlog } from './backlog.ts'
import type { CoreFile } from './core-file.ts'

/** As long as a crash waits for its turn by default, where the kernel's pipe is. */
const PATIENCE_MS = 600_000

interface QueueOptions {
  /** How many files are taken at once. */
  readonly concurrency: number
  /** Milliseconds of the day's clock. */
  readonly now: () => number
}

/** Takes `file`, which is below the dumps directory at `root`. Never rejects. */
type Take = (file: CoreFile, root: string) => Promise<void>

/** A file that is being taken. */
interface Underway {
  readonly namespace: string
  readonly sinceMs: number
  readonly work: Promise<void>
}

/** The core files that wait, and those that are being taken. */
export class Queue {
  readonly #take: Take
  readonly #concurrency: number
  readonly #now: () => number
  readonly #backlog = new Backlog()
  readonly #underway = new Set<Underway>()
  #isEnding = false

  constructor(take: Take, { concurrency, now }: QueueOptions) {
    this.#take = take
    this.#concurrency = concurrency
    this.#now = now
  }

  add(file: CoreFile, root: string): void {
    this.#backlog.add(file)
    this.goOn(root)
  }

  /** Begins what may begin by now. */
  goOn(root: string): void {
    while (!this.#isEnding) {
      const file = this.#next()
      if (file === undefined) return
      this.#begin(file, root)
    }
  }

  /** Begins nothing any more, and waits for what is under way. */
  async end(): Promise<void> {
    this.#isEnding = true
    await Promise.all([...this.#underway].map(({ work }) => work))
  }

  #next(): CoreFile | undefined {
    if (this.#underway.size < this.#concurrency) return this.#backlog.next()
    // A file may have holes of exabytes: a namespace that has such ones keeps no other waiting for their end.
    const underway = [...this.#underway]
    const longMs = this.#now() - PATIENCE_MS
    const long = underway.filter(({ sinceMs }) => sinceMs <= longMs).length
    if (underway.length >= this.#concurrency + Math.min(long, this.#concurrency)) return undefined
    const namespaces = new Set(underway.map(({ namespace }) => namespace))
    return this.#backlog.next(({ owner }) => !namespaces.has(owner.namespace))
  }

  #begin(file: CoreFile, root: string): void {
    const work = this.#take(file, root).finally(() => {
      this.#underway.delete(underway)
      this.goOn(root)
    })
    const underway = { namespace: file.owner.namespace, sinceMs: this.#now(), work }
    this.#underway.add(underway)
  }
}
