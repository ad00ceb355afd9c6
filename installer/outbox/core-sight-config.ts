import type { CoreSightConfig } from '../../config/config.ts'

/** The variables of a process: what is not there is undefined. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * `config` as the installer's environment has it, which wins over the file. Both names of each variable
 * count: the original CoreDog's documents said one, its code read the other.
 */
export function withEnvironment(config: CoreSightConfig, env: Environment): CoreSightConfig {
  const url = env.CORESIGHT_API_URL?.trim() || env.CORESIGHT_NATS_URL?.trim()
  const token = env.CORESIGHT_AGENT_TOKEN?.trim() || env.CORESIGHT_TOKEN?.trim()
  return { ...config, url: url || config.url, token: token || config.token }
}
