import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import type { Writer } from '../../durable/writer.ts'
import { thisWriter } from '../../durable/writer.ts'
import { acquireSlot, countCrowd, type Slot, tryAcquireSlot } from './semaphore.ts'
import { type Slots, slotsIn } from './slots.ts'

/** A core that is in memory, or what came with its head, or a report alone. */
export type Sending = 'upload' | 'rest'

/** What only so many handlers of a node do at once. The names of folders below `turns` in the run folder. */
type Work = 'look' | 'ask' | 'stream' | Sending

const CROWD: readonly Work[] = ['stream', 'upload', 'rest']

// To look takes a few milliseconds of a CPU, and some of the container runtime.
const LOOKS_AT_ONCE = Math.max(4, 2 * availableParallelism())

const NO_SLOT: Slot = { end: () => undefined }

/**
 * The slots of this handler among all of the node. Nothing here rejects: a handler that cannot wait goes
 * ahead. It gives its slots back by {@link letGo}; the kernel does where the process ends.
 */
export class NodeSemaphores {
  readonly #config: Pick<Config, 'limits' | 'paths'>
  readonly #log: Logger
  readonly #slots: Slots
  readonly #held: Slot[] = []
  #streaming: Slot = NO_SLOT

  constructor(config: Pick<Config, 'limits' | 'paths'>, log: Logger) {
    this.#config = config
    this.#log = log
    this.#slots = slotsIn(config.limits)
  }

  look(lane: string): Promise<Slot> {
    return this.#wait('look', LOOKS_AT_ONCE, lane)
  }

  /** To ask the store something before anything is sent to it, until `giveUp`: what speaks with it takes memory. */
  ask(lane: string, giveUp: Promise<void>): Promise<Slot> {
    return this.#wait('ask', LOOKS_AT_ONCE, lane, giveUp)
  }

  /**
   * The process is held until it has come, and until all is read. One that is let go before, because there was memory
   * for all of its core, takes no slot from those that are held: `false`.
   */
  async stream(lane: string, letGo: Promise<void>): Promise<boolean> {
    let isLetGo = false
    const giveUp = letGo.then(() => {
      isLetGo = true
    })
    const slot = await this.#wait('stream', this.#slots.stream, lane, giveUp)
    if (isLetGo) {
      slot.end()
      return false
    }
    this.#streaming = slot
    this.#held.push(slot)
    return true
  }

  /** Its process is gone, and all of its core in memory. Where none may send beside those that read, it is one of them. */
  async upload(lane: string): Promise<void> {
    const { upload, stream } = this.#slots
    this.#held.push(
      await (upload > 0 ? this.#wait('upload', upload, lane) : this.#wait('stream', stream, lane)),
    )
  }

  /** What is left is in memory, and its process is gone: it must keep no held process waiting. */
  async rest(lane: string): Promise<void> {
    this.#held.push(await this.#wait('rest', this.#slots.rest, lane))
  }

  /** Whether it had a slot to stream. */
  get hasStreamed(): boolean {
    return this.#streaming !== NO_SLOT
  }

  /** The core is read: the next one may be, as long as there are not too many that are still sent. */
  async giveWay(): Promise<void> {
    if (!this.hasStreamed) return
    const upload = await this.#safely(
      async arrival => tryAcquireSlot({ slots: this.#slots.upload, arrival }, this.#folder('upload')),
      null,
    )
    if (upload === null) return
    this.#held.push(upload)
    this.#streaming.end()
  }

  /** Whether a process is held, or its handler still has the slot for it. */
  async isAnyHeld(): Promise<boolean> {
    return (await countCrowd(this.#folder('stream'), 1)) > 0
  }

  /** How many handlers are at it, or wait for a slot, at most `most`. */
  async countCrowd(most: number): Promise<number> {
    const counts = await Promise.all(CROWD.map(work => countCrowd(this.#folder(work), most)))
    return Math.min(
      most,
      counts.reduce((sum, count) => sum + count, 0),
    )
  }

  letGo(): void {
    for (const slot of this.#held) slot.end()
  }

  #wait(work: Work, slots: number, lane: string, giveUp?: Promise<void>): Promise<Slot> {
    const { maxWaitSeconds: patienceSeconds } = this.#config.limits
    return this.#safely(
      arrival =>
        acquireSlot({ slots, patienceSeconds, ...(giveUp && { giveUp }), arrival, lane }, this.#folder(work)),
      NO_SLOT,
    )
  }

  async #safely<T>(take: (arrival: string) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await take(arrivalOf(await thisWriter()))
    } catch (cause) {
      this.#log.warn({ reason: messageOf(cause) }, 'turn not taken')
      return otherwise
    }
  }

  /** Below a folder that is root's alone: a name that every process can take proves nothing. */
  #folder(work: Work): string {
    return path.join(this.#config.paths.run, 'turns', work)
  }
}

/** The kernel starts a handler at each crash, so the handler that started first is first. */
function arrivalOf({ startTicks, pid }: Writer): string {
  return `${String(startTicks).padStart(16, '0')}-${String(pid).padStart(8, '0')}`
}
