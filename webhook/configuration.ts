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
  const { configFolder, secretsFolder, onConfig, onRefused, log, pause = realPause } = following
  let used: string | null = null
  let refused: string | null = null
  while (!signal.aborted) {
    try {
      const { text, secrets } = await readConfigTexts(path.join(configFolder, CONFIG_FILE), secretsFolder)
      const { config, warnings } = await parsed(text, secrets, following)
      const version = JSON.stringify([text, secrets, config.network.authorities])
      if (version !== used) {
        for (const { message } of warnings) log.warn({ warning: message }, 'configuration warning')
        log.info('configuration taken')
        onConfig(config)
      }
      used = version
      refused = null
    } catch (thrown) {
      const reason = messageOf(thrown)
      if (reason !== refused) {
        log.error(
          { reason, hint: thrown instanceof OperatorError ? thrown.hint : undefined },
          'configuration refused',
        )
        onRefused(reason)
      }
      refused = reason
    }
    await pause(LOOK_SECONDS, signal)
  }
}

/**
 * Certificates that only the nodes have are missed with a warning: the webhook tells chats of what it could
 * not read, and no more.
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
