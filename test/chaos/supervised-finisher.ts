import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { CountedKill } from './counted-kill.ts'
import type { Kill } from './plan.ts'
import type { ScratchHost } from './scratch-host.ts'

const STOP_SECONDS = 20

/** The finisher, one life after the other, and the kubelet that starts it again when it was killed. */
export class SupervisedFinisher {
  readonly #program: string
  readonly #host: ScratchHost
  readonly #fates: Kill[]
  #fate = new CountedKill(null)
  #child: ChildProcess | null = null
  #stopping = false
  /** How often it was killed, or had to be. */
  kills = 0

  constructor(program: string, host: ScratchHost, kills: readonly Kill[]) {
    this.#program = program
    this.#host = host
    this.#fates = [...kills]
    this.#nextFate()
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  start(): void {
    this.#stopping = false
    const log = openSync(this.#host.finisherLog, 'a')
    const child = spawn(process.execPath, [this.#program, this.#host.configFile, this.#host.finisherLog], {
      stdio: ['pipe', 'ignore', log],
      env: {},
    })
    closeSync(log)
    this.#child = child
    const { afterMilliseconds } = this.#fate
    const timer = afterMilliseconds === null ? undefined : setTimeout(() => this.#die(), afterMilliseconds)
    child.once('exit', () => {
      clearTimeout(timer)
      void this.#again()
    })
  }

  sees(at: Kill['at']): void {
    if (this.isRunning && this.#fate.isDue(at)) this.#die()
  }

  /** As the kubelet does it: a signal, and a while later another one. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const tooLong = setTimeout(() => this.#kill(), STOP_SECONDS * 1000)
    await exited
    clearTimeout(tooLong)
  }

  #die(): void {
    this.#nextFate()
    this.#kill()
  }

  #nextFate(): void {
    this.#fate = new CountedKill(this.#fates.shift() ?? null)
  }

  #kill(): void {
    if (this.#child?.kill('SIGKILL')) this.kills += 1
  }

  async #again(): Promise<void> {
    this.#child = null
    if (this.#stopping) return
    await pause(100)
    if (!this.#stopping) this.start()
  }
}
