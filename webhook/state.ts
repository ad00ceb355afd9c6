import type { Config } from '../config/config.ts'
import type { MutateSettings } from './admission/mutate.ts'

/** Where the file core_pattern of `fallback.corePattern` leads to in a container. */
export const KERNEL_FOLDER = '/corefile'

/** What is in force, and what is still missing. */
export class State {
  config: Config | null = null
  hasKeyPair = false
  isLeaving = false

  /**
   * Why no request should come here; none: it may. Without any valid configuration we are not ready: a
   * rolling update stops there, and the replicas of before, which have a good one, go on. With
   * `failurePolicy: Ignore` no pod waits for that.
   */
  get problems(): readonly string[] {
    return [
      ...(this.isLeaving ? ['this replica is about to stop'] : []),
      ...(this.hasKeyPair ? [] : ['there is no certificate yet']),
      ...(this.config === null ? ['no valid configuration has been there yet'] : []),
    ]
  }

  /** Until there is a configuration, nothing is mounted, as by default. */
  get settings(): MutateSettings {
    if (this.config === null) return { hostPath: false, dumpsDir: '', podSecurityDefault: 'baseline' }
    const { hostPath, corePattern, dumpsDir, podSecurityDefault } = this.config.fallback
    return { hostPath, dumpsDir, podSecurityDefault, ...(corePattern && { kernelFolder: KERNEL_FOLDER }) }
  }
}
