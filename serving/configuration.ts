import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { type ParsedConfig, parseConfig } from '../config/parse-config.ts'
import { CONFIG_FILE, readConfigTexts, withKnownAuthorities } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type Pause, pause as realPause } from '../time/pause.ts'

export interface Following {
  /** Folders of coredog.yaml and coredog-secrets.yaml, as ConfigMap and Secret are mounted. */
  readonly configFolder: string
  readonly secretsFolder: string
  readonly onConfig: (config: Config) => void
  /** Called once for each reason. What was in force stays so. */
  readonly onRefused: (reason: string) => void
  readonly log: Logger
  readonly pause?: Pause
}

const LOOK_SECONDS = 5

/**
 * Hands on the configuration, and again whenever it is another one, until `signal` is aborted. Polled, as
 * mounted files change by a link.
 */
export async function followConfiguration(following: Following, signal: AbortSignal): Promise<void> {
  const follower = new Follower(following)
  const wait = following.pause ?? realPause
  while (!signal.aborted) {
    await follower.look()
    await wait(LOOK_SECONDS, signal)
  }
}

/** What is in force, and why the newest one is not. */
class Follower {
  readonly #following: Following
  #used: string | null = null
  #refused: string | null = null

  constructor(following: Following) {
    this.#following = following
  }

  async look(): Promise<void> {
    try {
      await this.#take()
      this.#refused = null
    } catch (thrown) {
      this.#refuse(thrown)
    }
  }

  async #take(): Promise<void> {
    const { configFolder, secretsFolder, onConfig, log } = this.#following
    const { text, secrets } = await readConfigTexts(path.join(configFolder, CONFIG_FILE), secretsFolder)
    const { config, warnings } = await parsed(text, secrets, this.#following)
    const version = JSON.stringify([text, secrets, config.network.authorities])
    if (version === this.#used) return
    for (const { message } of warnings) log.warn({ warning: message }, 'configuration warning')
    log.info('configuration taken')
    onConfig(config)
    this.#used = version
  }

  #refuse(thrown: unknown): void {
    const { onRefused, log } = this.#following
    const reason = messageOf(thrown)
    if (reason === this.#refused) return
    this.#refused = reason
    const hint = thrown instanceof OperatorError ? thrown.hint : undefined
    log.error({ reason, hint }, 'configuration refused')
    onRefused(reason)
  }
}

/**
 * Certificates that only the nodes have are missed with a warning: a pod does not see them.
 */
function parsed(
  text: string,
  secrets: string | null,
  { configFolder, secretsFolder }: Following,
): Promise<ParsedConfig> {
  const folders = [configFolder, secretsFolder]
  const options = secrets === null ? {} : { secrets }
  return withKnownAuthorities(parseConfig(text, options), { folders }, CONFIG_FILE)
}
