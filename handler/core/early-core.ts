import type { CorePipe } from './core-pipe.ts'
import { CoreStream } from './core-stream.ts'

/**
 * The head of a core, of which it may not be known yet whose it is: to read it takes as long as to ask. All of it may
 * still be another program's, or nobody's.
 */
export class EarlyCore {
  readonly #pipe: CorePipe
  #core: Promise<CoreStream> | null = null

  constructor(pipe: CorePipe) {
    this.#pipe = pipe
  }

  /** Reads the head, once, and holds the process until it was looked at, also where that is all of its core. */
  begin(): Promise<CoreStream> {
    if (this.#core === null) {
      this.#pipe.look()
      this.#core = CoreStream.begin(this.#pipe)
      // Whoever wants it hears of it.
      this.#core.catch(() => undefined)
    }
    return this.#core
  }

  /** What was read: the caller's from now on, and the rest is still in the pipe. */
  async taken(): Promise<readonly Buffer[]> {
    return [...((await this.#core)?.taken ?? []), ...this.#pipe.taken]
  }

  /** Lets the process go. It is not ours, and what was read of its memory is overwritten. */
  async forget(): Promise<void> {
    this.#pipe.close()
    const taken = await this.taken().catch(() => this.#pipe.taken)
    for (const piece of taken) piece.fill(0)
  }
}
