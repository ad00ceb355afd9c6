import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import type { HandoffCgroup } from '../../handoff/run-folder.ts'
import { readHandoffCgroup } from './handoff-cgroup.ts'

// Ten still leaves a tenth of a core that others want (weight 110 of 1,024, sched(7)), where there is no
// cgroup; 19 would leave a hundredth, and make minutes of seconds.
const NICE = 10

/**
 * The cgroup of all handlers, which the installer made and named in the run folder. Its share of the CPUs is
 * a fair one as long as any process is held, because its container is down; low afterwards. Nothing here
 * rejects: a core is worth more than a little CPU.
 */
export class OwnCgroup {
  readonly #runFolder: string
  readonly #log: Logger
  #entering: Promise<void> | null = null
  #isIn = false

  constructor(runFolder: string, log: Logger) {
    this.#runFolder = runFolder
    this.#log = log
  }

  /**
   * Moves this process into it, once. Do not wait for it while a process is held: the kernel moves a process
   * only after an RCU grace period, 10 ms as measured. It happens on a thread of libuv, and meanwhile the
   * dump goes on. A process that is `held` raises the share of all handlers, each time.
   */
  async enter(when: 'held' | 'afterwards'): Promise<void> {
    const weighed = when === 'held' ? this.#weigh('held') : Promise.resolve()
    this.#entering ??= weighed.then(() => this.#move())
    await Promise.all([weighed, this.#entering])
  }

  async #move(): Promise<void> {
    await this.#safely(async ({ procsFiles }) => {
      for (const file of procsFiles) await writeFile(file, `${process.pid}`)
      this.#isIn = procsFiles.length > 0
    })
  }

  /** Whether this process is in it. */
  get isIn(): boolean {
    return this.#isIn
  }

  async #weigh(when: 'held' | 'afterwards'): Promise<void> {
    await this.#safely(async ({ weights = [] }) => {
      for (const weight of weights) await writeFile(weight.file, weight[when])
    })
  }

  /**
   * The process is held no more: the share of all handlers is lowered if it was the last that is. A handler
   * that comes while we look has its slot before it raises the share, so one of the two sees the other.
   */
  async leaveShare(isAnyHeld: () => Promise<boolean>): Promise<void> {
    if (this.#entering === null || (await isAnyHeld())) return
    await this.#weigh('afterwards')
    if (await isAnyHeld()) await this.#weigh('held')
  }

  async #safely(work: (handoff: HandoffCgroup) => Promise<void>): Promise<void> {
    try {
      await work(readHandoffCgroup(this.#runFolder))
    } catch (cause) {
      this.#log.debug({ reason: messageOf(cause) }, 'cgroup not entered')
    }
  }
}

/** Priorities belong to threads on Linux, and Node has started its own by now; later ones inherit. */
export function lowerPriority(): void {
  for (const thread of readdirSync('/proc/self/task'))
    try {
      setPriority(Number(thread), NICE)
    } catch {
      // It has ended meanwhile.
    }
}
