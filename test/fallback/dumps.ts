import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FallbackConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import type { OpenCore } from '../../fallback/take-core.ts'
import type { Verdict } from '../../fallback/verdict.ts'
import { type WatchDumpsOptions, watchDumps } from '../../fallback/watch-dumps.ts'
import { Host } from '../../handoff/host.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { openLogLines } from '../installer/log-lines.ts'

const { config } = parseConfig(
  'StorageConfig: {protocol: cfs, CFSMountPath: /}\nfallback: {hostPath: true, concurrency: 1}',
)
const DEADLINE_MS = 180_000

/** What the handler was given, as it was then. */
export interface Take {
  readonly path: string
  readonly owner: OpenCore['file']['owner']
  readonly id: string
  readonly bytes: Buffer
}

export type Answer = (take: Take, signal: AbortSignal) => Verdict | Promise<Verdict>

/** A node with a dumps directory, in a temporary folder, watched with a clock of its own. */
export class Dumps implements AsyncDisposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'coredog-fallback-'))
  readonly host = new Host(path.join(this.folder, 'host'))
  readonly directory = this.host.path('/data/coredog-system/dumps')
  readonly takes: Take[] = []
  readonly events: string[] = []
  readonly lines = openLogLines()
  answer: Answer = () => ({ outcome: 'stored' })
  nowMs = Date.now()
  readonly #fallback: Partial<FallbackConfig>
  readonly #limits: Pick<WatchDumpsOptions, 'limits'>
  #stop = new AbortController()
  #asked = Promise.withResolvers<void>()
  #beat = Promise.withResolvers<boolean>()
  #watching: Promise<void> | null = null
  #canaries = 0

  constructor(fallback: Partial<FallbackConfig> = {}, limits: Pick<WatchDumpsOptions, 'limits'> = {}) {
    this.#fallback = { corefileDir: '', ...fallback }
    this.#limits = limits
    mkdirSync(this.directory, { recursive: true })
  }

  /** Writes a file below the dumps directory, and gives where. */
  put(below: string, bytes: Buffer = elfCore()): string {
    const file = path.join(this.directory, below)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    return file
  }

  messages(): string[] {
    return this.lines.lines.map(({ msg }) => msg)
  }

  /** What was taken, but for our own canaries. */
  ledger(): string[] {
    return this.takes.map(take => take.path).filter(ledger => !ledger.startsWith('zzz/'))
  }

  /**
   * Everything is looked at `afterSeconds` later, and what is there is taken. That this has happened shows by
   * a core that comes last, because there is one at a time and pods take turns.
   */
  async sweep(afterSeconds = 60): Promise<void> {
    this.nowMs += afterSeconds * 1000
    this.#canaries += 1
    const canary = `zzz/canary-${this.#canaries}/app/core`
    this.put(canary)
    await this.beat()
    await this.until(() => this.takes.some(take => take.path === canary))
    await this.beat()
  }

  /** One beat, and all that it looks at. */
  async beat(): Promise<void> {
    this.#watching ??= this.#watch()
    await Promise.race([this.#asked.promise, this.#watching])
    this.#asked = Promise.withResolvers()
    this.#beat.resolve(true)
    await Promise.race([this.#asked.promise, this.#watching])
  }

  /** Stops the watcher; the next beat starts another one. */
  async end(): Promise<void> {
    if (this.#watching === null) return
    this.#stop.abort()
    this.#beat.resolve(false)
    await this.#watching
    this.#stop = new AbortController()
    this.#asked = Promise.withResolvers()
    this.#beat = Promise.withResolvers()
    this.#watching = null
  }

  /**
   * As a kill leaves it that came while `file` was taken: what is written down by then is all that is known
   * afterwards.
   */
  async killedAt(file: string): Promise<void> {
    const state = this.host.path('/var/lib/coredog/fallback')
    let left: readonly (readonly [string, Buffer])[] = []
    this.answer = take => {
      if (file.endsWith(take.path))
        left = readdirSync(state).map(name => [name, readFileSync(path.join(state, name))])
      return { outcome: 'stored' }
    }
    await this.sweep(1)
    await this.end()
    rmSync(state, { recursive: true })
    mkdirSync(state)
    for (const [name, content] of left) writeFileSync(path.join(state, name), content)
    this.answer = () => ({ outcome: 'stored' })
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`it did not happen; log: ${JSON.stringify(this.lines.lines.slice(-20))}`)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    await rm(this.folder, { recursive: true })
  }

  #watch(): Promise<void> {
    const options: WatchDumpsOptions = {
      config: { ...config, fallback: { ...config.fallback, ...this.#fallback } },
      host: this.host,
      recorder: { recordNodeEvent: (_reason, note) => void this.events.push(note) },
      log: this.lines.log,
      take: (core, signal) => this.#take(core, signal),
      now: () => this.nowMs,
      ticks: this.#ticks(),
      ...this.#limits,
    }
    return watchDumps(options, this.#stop.signal)
  }

  async *#ticks(): AsyncGenerator<void> {
    for (;;) {
      this.#asked.resolve()
      const goesOn = await this.#beat.promise
      this.#beat = Promise.withResolvers()
      if (!goesOn) return
      yield
    }
  }

  async #take({ file, id, opened }: OpenCore, signal: AbortSignal): Promise<Verdict> {
    const take = { path: file.segments.join('/'), owner: file.owner, id, bytes: await opened.readFile() }
    this.takes.push(take)
    return this.answer(take, signal)
  }
}
