import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { CountedKill } from './counted-kill.ts'
import { type CrashedProcess, ended, letGo, startHandler } from './crashed-process.ts'
import { Violation } from './invariant.ts'
import type { Kill } from './plan.ts'
import type { ScratchHost } from './scratch-host.ts'

/** A crash, and the handler that the kernel starts for it. */
export class RunningHandler {
  readonly crashed: CrashedProcess
  readonly #fate: CountedKill
  #child: ChildProcess | null = null
  readonly #letGo = Promise.withResolvers<void>()
  killed = false
  /** It was killed before it had written down that there was a crash. */
  leftNoRecord = false
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

  get isAlive(): boolean {
    return this.#child !== null
  }

  async run(program: string, host: ScratchHost, withinSeconds: number): Promise<void> {
    await pause(this.crashed.planned.startsAfterMilliseconds)
    const child = startHandler(this.crashed, program, host.configFile, host.folder)
    this.#child = child
    void letGo(child).then(this.#letGo.resolve)
    const { afterMilliseconds } = this.#fate
    const timer = afterMilliseconds === null ? undefined : setTimeout(() => this.kill(), afterMilliseconds)
    const { exitCode, stderr } = await ended(child, withinSeconds)
    clearTimeout(timer)
    this.#child = null
    this.leftNoRecord = this.killed && !host.spooled().includes(this.comm)
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
