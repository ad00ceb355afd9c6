import { linkSync, readdirSync, rmSync, statSync } from 'node:fs'
import { codeOf } from '../../crash/system-error.ts'
import { Lifeline, type Watched, watch } from './lifeline.ts'
import { OwnFolder } from './own-folder.ts'

const NEW_MILLISECONDS = 60_000
const MOST_TRIES = 100

/**
 * The lifelines of those that have a place and of those that wait for one, in a folder that only root can
 * write to.
 *
 * - `queue-<ticket>`: it waits. A ticket is one process's alone, so the file of a dead one may be removed by
 *   any handler.
 * - `place-<number>.<generation>`: it has the place, if no higher generation is there. The file of a dead one
 *   is left, and the next handler makes the next generation, which link(2) gives to one only: a file that is
 *   taken away and made anew under the same name could be had by two.
 *
 * A socket gets its name when it listens already, by a link: between bind(2) and listen(2) it would seem to
 * be dead.
 */
export class SemaphoreFolder implements Disposable {
  readonly #folder: OwnFolder

  private constructor(folder: OwnFolder) {
    this.#folder = folder
  }

  /** As {@link OwnFolder.open}. */
  static open(folder: string): SemaphoreFolder {
    return new SemaphoreFolder(OwnFolder.open(folder))
  }

  /** The tickets of those that wait, or waited until they were killed, in order. */
  queue(): readonly string[] {
    return this.#names()
      .flatMap(name => /^queue-(.+)$/.exec(name)?.[1] ?? [])
      .sort()
  }

  /** Waits in the queue from now on. Its end leaves the file, unless {@link leaveQueue} removes it. */
  async join(ticket: string): Promise<Lifeline> {
    const lifeline = await this.#listen(ticket)
    this.#name(ticket, `queue-${ticket}`)
    return lifeline
  }

  leaveQueue(ticket: string): void {
    rmSync(this.#folder.at(`queue-${ticket}`), { force: true })
  }

  /** `null`: it waits no more. */
  async watchTicket(ticket: string): Promise<Watched | null> {
    const watched = await watch(this.#folder.at(`queue-${ticket}`))
    if (watched === null) this.leaveQueue(ticket)
    return watched
  }

  /** The place, or the one that has it. */
  async trySlot(slot: number, ticket: string): Promise<Lifeline | Watched> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const generation = this.#generationOf(slot)
      const holder = generation === 0 ? null : await watch(this.#folder.at(nameOf(slot, generation)))
      const found = holder ?? (await this.#take(slot, generation + 1, ticket))
      if (found !== null) return found
    }
    throw new Error(`Cannot take place ${slot}: it changed hands ${MOST_TRIES} times meanwhile`)
  }

  /** How many have a place or wait for one; counted up to `most`. */
  async count(most: number): Promise<number> {
    let count = 0
    for (const name of this.#names().filter(name => /^(?:queue|place)-/.test(name))) {
      if (count === most) break
      const watched = await watch(this.#folder.at(name))
      watched?.drop()
      if (watched !== null) count += 1
    }
    return count
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }

  /** `null`: another was quicker. */
  async #take(slot: number, generation: number, ticket: string): Promise<Lifeline | null> {
    const lifeline = await this.#listen(ticket)
    // A higher generation, if one was made and ours taken away after we had looked, counts.
    if (this.#name(ticket, nameOf(slot, generation)) && this.#generationOf(slot) === generation) {
      this.#removeBefore(slot, generation)
      return lifeline
    }
    lifeline.end()
    return null
  }

  async #listen(ticket: string): Promise<Lifeline> {
    this.#removeUnnamed()
    return Lifeline.at(this.#folder.at(`new-${ticket}`))
  }

  /** Whether it got the name. In either case it has no other any more. */
  #name(ticket: string, name: string): boolean {
    try {
      linkSync(this.#folder.at(`new-${ticket}`), this.#folder.at(name))
      return true
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return false
      throw cause
    } finally {
      rmSync(this.#folder.at(`new-${ticket}`), { force: true })
    }
  }

  #generationOf(slot: number): number {
    return Math.max(0, ...this.#generations().flatMap(of => (of.slot === slot ? of.generation : [])))
  }

  #removeBefore(slot: number, generation: number): void {
    for (const of of this.#generations())
      if (of.slot === slot && of.generation < generation)
        rmSync(this.#folder.at(nameOf(slot, of.generation)), { force: true })
  }

  /** What was killed before it had a name. */
  #removeUnnamed(): void {
    for (const name of this.#names().filter(name => name.startsWith('new-'))) {
      const changed = statSync(this.#folder.at(name), { throwIfNoEntry: false })
      if (changed !== undefined && Date.now() - changed.mtimeMs > NEW_MILLISECONDS)
        rmSync(this.#folder.at(name), { force: true })
    }
  }

  #generations(): readonly { readonly slot: number; readonly generation: number }[] {
    return this.#names().flatMap(name => {
      const [, slot, generation] = /^place-(\d{1,9})\.(\d{1,15})$/.exec(name) ?? []
      return slot === undefined ? [] : { slot: Number(slot), generation: Number(generation) }
    })
  }

  #names(): readonly string[] {
    return readdirSync(this.#folder.at('.'))
  }
}

function nameOf(slot: number, generation: number): string {
  return `place-${slot}.${generation}`
}
