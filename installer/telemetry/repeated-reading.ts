import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'

/** A file that is read again and again: of failures in a row only the first is logged, as `message`. */
export class RepeatedReading {
  readonly #file: string
  readonly #message: string
  readonly #log: Logger
  #isFailing = false

  constructor(file: string, message: string, log: Logger) {
    this.#file = file
    this.#message = message
    this.#log = log
  }

  /** Whether it went well. */
  async once(read: () => Promise<void>): Promise<boolean> {
    try {
      await read()
      this.#isFailing = false
    } catch (cause) {
      if (!this.#isFailing) this.#log.warn({ file: this.#file, reason: messageOf(cause) }, this.#message)
      this.#isFailing = true
    }
    return !this.#isFailing
  }
}
