import { type FSWatcher, mkdirSync, watch } from 'node:fs'
import path from 'node:path'
import { acquireSlot, type Slot } from '../../handler/queue/semaphore.ts'
import { MOST_RESTS } from '../../handler/queue/slots.ts'

// What a handler makes first and under its own name, whether it finds a place at once or waits for one.
const TICKET = /^(?:new|queue)-\d+\.\d+-(\d+)\.\w+$/
const FIRST = { arrival: '0', lane: '0' }

/** The places of a trial's handlers, and who has asked for one: a handler that has is past its beginning. */
export class TrialQueue implements Disposable {
  readonly #stream: string
  readonly #rest: string
  readonly #watchers: readonly FSWatcher[]
  readonly #asked = new Set<number>()
  #held: readonly Slot[] = []

  /** `onWaits`: called with the process id of a handler that has found no place. */
  constructor(runFolder: string, onWaits: (pid: number) => void) {
    this.#stream = path.join(runFolder, 'turns/stream')
    // Of those that were read with their head, and those that are only counted.
    this.#rest = path.join(runFolder, 'turns/rest')
    this.#watchers = [this.#stream, this.#rest].map(folder => this.#watch(folder, onWaits))
  }

  #watch(folder: string, onWaits: (pid: number) => void): FSWatcher {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return watch(folder, (_, name) => {
      const [, pid] = TICKET.exec(name ?? '') ?? []
      if (pid === undefined) return
      this.#asked.add(Number(pid))
      if (name?.startsWith('queue-')) onWaits(Number(pid))
    })
  }

  hasAsked(pid: number): boolean {
    return this.#asked.has(pid)
  }

  /** From now on, a handler that asks waits. */
  async hold(places: number): Promise<void> {
    this.#held = [...(await allOf(places, this.#stream)), ...(await allOf(MOST_RESTS, this.#rest))]
  }

  free(): void {
    for (const turn of this.#held) turn.end()
    this.#held = []
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close()
    this.free()
  }
}

/** One after the other: they have the same ticket. */
async function allOf(places: number, folder: string): Promise<Slot[]> {
  const held: Slot[] = []
  for (let place = 0; place < places; place += 1)
    held.push(await acquireSlot({ ...FIRST, slots: places, patienceSeconds: 0 }, folder))
  return held
}
