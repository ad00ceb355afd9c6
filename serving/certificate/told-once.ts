import type { Logger } from 'pino'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { KubeError } from '../../kube/errors.ts'

/** Warnings in the log, each once for as long as it lasts. */
export class ToldOnce {
  readonly #log: Logger
  readonly #told = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** `about`: which of several; empty: there is one. */
  warn(what: string, error: unknown, about = ''): void {
    if (this.#told.has(`${what} ${about}`)) return
    this.#told.add(`${what} ${about}`)
    const hint = error instanceof KubeError || error instanceof OperatorError ? error.hint : undefined
    this.#log.warn({ reason: messageOf(error), hint }, what)
  }

  /** The next warning of it is a new one. */
  isOver(what: string, about = ''): void {
    this.#told.delete(`${what} ${about}`)
  }
}
