import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ScratchHost } from './scratch-host.ts'

const STOP_SECONDS = 20

/** The finisher, and the kubelet that starts it again when it was killed. */
export class SupervisedFinisher {
  readonly #program: string
  readonly #host: ScratchHost
  #child: ChildProcess | null = null
  #stopping = false
  /** How often it was killed, or had to be. */
  kills = 0

  constructor(program: string, host: ScratchHost) {
    this.#program = program
    this.#host = host
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  start(): void {
    this.#stopping = false
    const child = spawn(process.execPath, [this.#program, this.#host.configFile, this.#host.finisherLog], {
      stdio: ['pipe', 'ignore', openSync(this.#host.finisherLog, 'a')],
      env: {},
    })
    this.#child = child
    child.once('exit', () => void this.#again())
  }

  kill(): void {
    this.kills += 1
    this.#child?.kill('SIGKILL')
  }

  /** As the kubelet does it: a signal, and a while later another one. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const patience = new AbortController()
    const tooLong = pause(STOP_SECONDS * 1000, 'too long', { signal: patience.signal }).catch(() => 'ended')
    if ((await Promise.race([exited, tooLong])) === 'too long') this.kill()
    patience.abort()
    await exited
  }

  async #again(): Promise<void> {
    this.#child = null
    if (this.#stopping) return
    await pause(100)
    if (!this.#stopping) this.start()
  }
}
