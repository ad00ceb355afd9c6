import type { Logger } from 'pino'
import { LEFT_ALONE, LEFT_ALONE_HINT } from './format-version.ts'

const MOST_TOLD = 10_000

/** Says of each file that is left alone because of its version, once. */
export class LeftAlone {
  readonly #log: Logger
  readonly #told = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  tell(file: string): void {
    if (this.#told.has(file) || this.#told.size >= MOST_TOLD) return
    this.#told.add(file)
    this.#log.warn({ file, hint: LEFT_ALONE_HINT }, LEFT_ALONE)
  }
}
