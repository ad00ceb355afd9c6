import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { lostHostCoreFiles } from './host-core-files.ts'
import type { Original } from './original.ts'
import { captureModeOf } from './wanted.ts'

/**
 * Warns of core files that the node's own processes do not leave any more; of each loss once, until it is
 * another one.
 */
export class HostCoreFileWarning {
  readonly #log: Logger
  #told: string | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /** Looks at what `config` makes of what was there before us. */
  look(config: Config, original: Original): void {
    const lost = lostHostCoreFiles(config.collect, original, captureModeOf(config))
    if (lost !== null && lost.what !== this.#told) this.#log.warn({ hint: lost.hint }, lost.what)
    this.#told = lost?.what
  }
}
