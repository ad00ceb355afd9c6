import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { codeOf } from '../crash/system-error.ts'
import { withinSeconds } from '../time/within-seconds.ts'

const MOST_OUTPUT_BYTES = 1024 * 1024

/** A handler of our own that reads a core, in a process group that can be killed as a whole. */
export class HandlerProcess {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #output: Promise<string[]>

  /** `coreFd` is its stdin. */
  constructor(program: string, args: readonly string[], coreFd: number) {
    this.#child = spawn(program, args, {
      stdio: [coreFd, 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      // As the kernel starts it.
      env: {},
    })
    this.#closed = once(this.#child, 'close').catch(() => undefined)
    this.#output = Promise.all([this.#child.stdout, this.#child.stderr].map(textFrom))
  }

  /** Resolves with its pid; rejects if it cannot be started. */
  async started(): Promise<number | undefined> {
    await once(this.#child, 'spawn')
    return this.#child.pid
  }

  async exited(): Promise<void> {
    if (!this.#isOver) await once(this.#child, 'exit')
  }

  /** `SIGSEGV`, or `exit code 1`. */
  get end(): string {
    const { exitCode, signalCode } = this.#child
    return signalCode ?? `exit code ${exitCode}`
  }

  /** How far the core has been read; `null`: it cannot be said, which is no progress either. */
  async position(): Promise<string | null> {
    const text = await readFile(`/proc/${this.#child.pid}/fdinfo/0`, 'utf8').catch(() => '')
    return /^pos:\s*(\d+)/m.exec(text)?.[1] ?? null
  }

  /**
   * What it printed and what it complained of, once it is over. A process that inherited its output may hold
   * that for ever: it is waited for as long as `deadlineSeconds`.
   */
  async output(deadlineSeconds: number): Promise<readonly string[]> {
    await withinSeconds(deadlineSeconds, this.#closed).catch(() => this.closeOutput())
    return this.#output
  }

  closeOutput(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  /** Only as long as it was not waited for: then its number cannot be another process's. */
  kill(): void {
    const { pid } = this.#child
    if (pid === undefined || this.#isOver) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (cause) {
      if (codeOf(cause) !== 'ESRCH') throw cause
    }
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}

/** What is longer, is no answer; but the handler that writes it must not be made to wait. */
async function textFrom(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream ?? []) {
      bytes += chunk.length
      if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk)
    }
  } catch {
    // It was closed by us. What came until then counts.
  }
  return Buffer.concat(chunks).toString()
}
