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

  warn(what: string, error: unknown): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    const hint = error instanceof KubeError || error instanceof OperatorError ? error.hint : undefined
    this.#log.warn({ reason: messageOf(error), hint }, what)
  }

  /** The next warning of it is a new one. */
  isOver(what: string): void {
    this.#told.delete(what)
  }
}
