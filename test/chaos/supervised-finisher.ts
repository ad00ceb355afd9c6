import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { CountedKill } from './counted-kill.ts'
import type { Kill } from './plan.ts'
import type { ScratchHost } from './scratch-host.ts'

const STOP_SECONDS = 20
const RESTART_MILLISECONDS = 100

/** What of a node a finisher needs. */
export type FinisherHost = Pick<ScratchHost, 'configFile' | 'finisherLog'>

/** The finisher, one life after the other, and the kubelet that starts it again when it was killed. */
export class SupervisedFinisher {
  readonly #program: string
  readonly #host: FinisherHost
  readonly #fates: Kill[]
  #fate = new CountedKill(null)
  #child: ChildProcess | null = null
  #ending = new AbortController()
  #lives: Promise<void> = Promise.resolve()
  /** How often it was killed, or had to be. */
  kills = 0

  constructor(program: string, host: FinisherHost, kills: readonly Kill[]) {
    this.#program = program
    this.#host = host
    this.#fates = [...kills]
    this.#nextFate()
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  /** Not before {@link stop} has resolved: a node has one installer. */
  start(): void {
    this.#ending = new AbortController()
    this.#lives = this.#live(this.#ending.signal)
  }

  sees(at: Kill['at']): void {
    if (this.isRunning && this.#fate.isDue(at)) this.#die()
  }

  /**
   * As the kubelet does it: a signal, and a while later another one. No life begins any more once it
   * resolves.
   */
  async stop(): Promise<void> {
    this.#ending.abort()
    this.#child?.kill('SIGTERM')
    const tooLong = setTimeout(() => this.#kill(), STOP_SECONDS * 1000)
    await this.#lives
    clearTimeout(tooLong)
  }

  async #live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#liveOnce()
      await pause(RESTART_MILLISECONDS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #liveOnce(): Promise<void> {
    const child = this.#spawn()
    this.#child = child
    const { afterMilliseconds } = this.#fate
    const timer = afterMilliseconds === null ? undefined : setTimeout(() => this.#die(), afterMilliseconds)
    await once(child, 'exit')
    clearTimeout(timer)
    this.#child = null
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#host.finisherLog, 'a')
    try {
      return spawn(process.execPath, [this.#program, this.#host.configFile, this.#host.finisherLog], {
        stdio: ['pipe', 'ignore', log],
        env: {},
      })
    } finally {
      closeSync(log)
    }
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
}
