import { type FSWatcher, mkdirSync, watch } from 'node:fs'
import path from 'node:path'
import { type Turn, takeTurn } from '../../handler/turn.ts'

// What a handler makes first and under its own name, whether it finds a place at once or waits for one.
const TICKET = /^(?:new|queue)-\d+-(\d+)$/
const FIRST = '0'

/** The places of a trial's handlers, and who has asked for one: a handler that has is past its beginning. */
export class TrialQueue implements Disposable {
  readonly #folder: string
  readonly #watcher: FSWatcher
  readonly #asked = new Set<number>()
  #held: readonly Turn[] = []

  /** `onWaits`: called with the process id of a handler that has found no place. */
  constructor(runFolder: string, onWaits: (pid: number) => void) {
    this.#folder = path.join(runFolder, 'turns/stream')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#watcher = watch(this.#folder, (_, name) => {
      const [, pid] = TICKET.exec(name ?? '') ?? []
      if (pid === undefined) return
      this.#asked.add(Number(pid))
      if (name?.startsWith('queue-')) onWaits(Number(pid))
    })
  }

  hasAsked(pid: number): boolean {
    return this.#asked.has(pid)
  }

  /** From now on, whoever asks waits. */
  async hold(places: number): Promise<void> {
    const first = { places, patienceSeconds: 0, ticket: FIRST }
    // One after the other: they have the same ticket.
    const held: Turn[] = []
    for (let place = 0; place < places; place += 1) held.push(await takeTurn(first, this.#folder))
    this.#held = held
  }

  free(): void {
    for (const turn of this.#held) turn.end()
    this.#held = []
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
    this.free()
  }
}
