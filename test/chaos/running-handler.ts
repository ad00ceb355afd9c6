import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { CountedKill } from './counted-kill.ts'
import { type CrashedProcess, ended, letGo, startHandler } from './crashed-process.ts'
import { Violation } from './invariant.ts'
import type { Kill } from './plan.ts'
import type { ScratchHost } from './scratch-host.ts'
import type { TrialQueue } from './trial-queue.ts'

/** Where a handler runs. */
export interface Node {
  readonly host: Pick<ScratchHost, 'configFile' | 'folder' | 'begun' | 'spooled'>
  readonly queue: Pick<TrialQueue, 'hasAsked'>
}

/** A crash, and the handler that the kernel starts for it. */
export class RunningHandler {
  readonly crashed: CrashedProcess
  readonly #fate: CountedKill
  #child: ChildProcess | null = null
  readonly #letGo = Promise.withResolvers<void>()
  killed = false
  /**
   * It was killed before it had noted that there was a crash. Who has a note asks for a place next, and both
   * can be seen.
   */
  killedBeforeBegun = false
  /** Nothing could be kept, and it said so. */
  gaveUp = false

  constructor(crashed: CrashedProcess) {
    this.crashed = crashed
    this.#fate = new CountedKill(crashed.planned.kill)
  }

  get comm(): string {
    return this.crashed.planned.comm
  }

  /** Resolves when its crashed process is held no more. */
  get letGo(): Promise<void> {
    return this.#letGo.promise
  }

  /** Whether it still is to be killed while it waits. */
  get isToWait(): boolean {
    return this.crashed.planned.kill?.at === 'waiting' && !this.killed
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get isAlive(): boolean {
    return this.#child !== null
  }

  async run(program: string, { host, queue }: Node, withinSeconds: number): Promise<void> {
    await pause(this.crashed.planned.startsAfterMilliseconds)
    const child = startHandler(this.crashed, program, host.configFile, host.folder)
    this.#child = child
    const { pid = 0 } = child
    void letGo(child).then(this.#letGo.resolve)
    const { afterMilliseconds } = this.#fate
    const timer = afterMilliseconds === null ? undefined : setTimeout(() => this.kill(), afterMilliseconds)
    const { exitCode, stderr } = await ended(child, withinSeconds)
    clearTimeout(timer)
    this.#child = null
    const noted = [...host.begun(), ...host.spooled()].includes(this.comm)
    this.killedBeforeBegun = this.killed && !noted && !queue.hasAsked(pid)
    this.gaveUp = exitCode !== null && exitCode !== 0 && !this.killed
    if (stderr !== '' && !this.killed) throw new Violation(`${this.comm} said: ${stderr}`)
  }

  sees(at: Kill['at']): void {
    if (this.isAlive && this.#fate.isDue(at)) this.kill()
  }

  kill(): void {
    if (this.#child?.kill('SIGKILL')) this.killed = true
  }
}
