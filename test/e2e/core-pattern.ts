import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { KernelSettings } from './kernel-settings.ts'

/**
 * The kernel's core settings, ours for a while. They belong to the whole machine, so a keeper has them:
 * a process of its own, in its own session, which holds the lock and puts the old settings back as soon
 * as we let go, or die of whatever: an exception, Ctrl-C, kill -9.
 */
export class CorePattern implements AsyncDisposable {
  readonly #keeper: ChildProcess
  /** What the kernel had before, and has again afterwards. */
  readonly original: KernelSettings

  private constructor(keeper: ChildProcess, original: KernelSettings) {
    this.#keeper = keeper
    this.original = original
  }

  /** Waits while another process owns them; rejects after `withinSeconds`, saying who it is. */
  static async own(withinSeconds: number): Promise<CorePattern> {
    const keeper = fork(path.join(import.meta.dirname, 'core-pattern-keeper.ts'), [String(withinSeconds)], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const { original } = (await answerOf(keeper)) as { original: KernelSettings }
    return new CorePattern(keeper, original)
  }

  /** Rejects when the kernel has not taken them as they are. */
  async set(settings: KernelSettings): Promise<void> {
    this.#keeper.send(settings)
    await answerOf(this.#keeper)
  }

  /** The keeper's process id: tests kill it. */
  get keeperPid(): number {
    return this.#keeper.pid ?? 0
  }

  /** Resolves once the original settings are back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#keeper.exitCode !== null || this.#keeper.signalCode !== null) return
    const exited = once(this.#keeper, 'exit')
    this.#keeper.disconnect()
    const [code, signal] = await exited
    if (code !== 0) throw new Error(`Cannot put core_pattern back: its keeper ended with ${code ?? signal}`)
  }
}

async function answerOf(keeper: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  try {
    return await Promise.race([
      once(keeper, 'message', over).then(([message]) => accepted(message)),
      once(keeper, 'exit', over).then(([code, signal]) => {
        throw new Error(`Cannot own core_pattern: its keeper ended with ${code ?? signal}`)
      }),
    ])
  } finally {
    over.abort()
  }
}

function accepted(message: unknown): unknown {
  if (typeof message === 'object' && message !== null && 'refused' in message) {
    throw new Error(String(message.refused))
  }
  return message
}
