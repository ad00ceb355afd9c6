import { bytesInWords } from '../terminal/units.ts'
import type { World } from '../world.ts'

const REDRAWN_MILLISECONDS = 100
const BAR = 24

/** How much of what is fetched for a crash is there, for people who watch. */
export class Transfer {
  readonly #stderr: World['stderr']
  readonly #now: World['now']
  #wantedBytes = 0
  #bytes = 0
  #drawnAt = 0
  #later: NodeJS.Timeout | undefined

  constructor({ stderr, now }: Pick<World, 'stderr' | 'now'>) {
    this.#stderr = stderr
    this.#now = now
  }

  /** So many more are to come. */
  want(bytes: number): void {
    this.#wantedBytes += bytes
  }

  readonly add = (bytes: number): void => {
    this.#bytes += bytes
    if (this.#stderr.isTTY !== true) return
    const waits = this.#drawnAt + REDRAWN_MILLISECONDS - this.#now().getTime()
    if (waits <= 0) this.#draw()
    // What comes at once before a silence is seen, too.
    else this.#later ??= setTimeout(() => this.#draw(), waits).unref()
  }

  end(): void {
    clearTimeout(this.#later)
    if (this.#drawnAt > 0) this.#stderr.write('\r\x1b[K')
    this.#drawnAt = 0
  }

  #draw(): void {
    clearTimeout(this.#later)
    this.#later = undefined
    this.#drawnAt = this.#now().getTime()
    this.#stderr.write(`\r${this.#line()}\x1b[K`)
  }

  #line(): string {
    const share = this.#wantedBytes === 0 ? 0 : Math.min(1, this.#bytes / this.#wantedBytes)
    const done = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░')
    return `${done} ${Math.floor(share * 100)}% of ${bytesInWords(this.#wantedBytes)}`
  }
}
