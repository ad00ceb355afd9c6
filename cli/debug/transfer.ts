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
    const now = this.#now().getTime()
    if (this.#stderr.isTTY !== true || now - this.#drawnAt < REDRAWN_MILLISECONDS) return
    this.#drawnAt = now
    this.#stderr.write(`\r${this.#line()}\x1b[K`)
  }

  end(): void {
    if (this.#drawnAt > 0) this.#stderr.write('\r\x1b[K')
  }

  #line(): string {
    const share = this.#wantedBytes === 0 ? 0 : Math.min(1, this.#bytes / this.#wantedBytes)
    const done = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░')
    return `${done} ${Math.floor(share * 100)}% of ${bytesInWords(this.#wantedBytes)}`
  }
}
