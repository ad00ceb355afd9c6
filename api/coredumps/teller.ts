import type { IndexEntry } from '../../crash/index-entry.ts'
import type { Indexed } from '../outside.ts'
import type { RequestUser } from '../resource-request.ts'
import type { Visible } from '../visible.ts'
import type { Answer } from './answer.ts'
import type { Coredumps } from './coredumps.ts'
import type { Position } from './position.ts'
import type { Selection } from './selection.ts'
import { allThereIs, type BeginningOutside } from './watch-beginning.ts'
import type { WatchStream } from './watch-stream.ts'

interface Watch {
  readonly user: RequestUser
  readonly selection: Selection
  readonly visible: Visible
  readonly stream: WatchStream
  readonly answer: Answer
  readonly position: Position
}

/** Tells a watcher what it does not know. */
export class Teller {
  readonly #watch: Watch
  readonly #coredumps: Pick<Coredumps, 'of'>

  constructor(watch: Watch, coredumps: Pick<Coredumps, 'of'>) {
    this.#watch = watch
    this.#coredumps = coredumps
  }

  get signal(): AbortSignal {
    return this.#watch.stream.signal
  }

  async tellAll(outside: BeginningOutside): Promise<void> {
    const { signal } = this
    for await (const entries of allThereIs({ ...this.#watch, signal }, outside))
      for (const entry of entries) await this.#tell(entry)
  }

  /** In the order in which they were stored, so that a client may go on from each of them. */
  async tellNew(found: readonly Indexed[]): Promise<void> {
    const { position } = this.#watch
    const inOrder = found.filter(indexed => position.isNew(indexed) && this.#isMeant(indexed.entry))
    inOrder.sort((one, other) => one.storedAt.getTime() - other.storedAt.getTime())
    for (const indexed of inOrder) {
      position.take(indexed)
      if (await this.#watch.visible(indexed.entry)) await this.#tell(indexed.entry)
    }
  }

  settle(untilMs: number): void {
    this.#watch.position.settle(untilMs)
  }

  async bookmark(): Promise<void> {
    const { stream, answer, position } = this.#watch
    await stream.write('BOOKMARK', answer.bookmark(position.toString()))
  }

  async #tell(entry: IndexEntry): Promise<void> {
    const { user, stream, answer, position } = this.#watch
    const { metadata, ...coredump } = await this.#coredumps.of(entry, { user, signal: stream.signal })
    const resourceVersion = position.toString()
    await stream.write('ADDED', answer.one({ ...coredump, metadata: { ...metadata, resourceVersion } }))
  }

  #isMeant(entry: IndexEntry): boolean {
    const { namespace, matches } = this.#watch.selection
    return (namespace === null || entry.namespace === namespace) && matches(entry)
  }
}
