import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/parse-config.ts'
import { CONFIG_FILE, readConfigTexts } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type Pause, pause as realPause } from '../kube/pause.ts'

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

/** Hands on the configuration, and again whenever it is another one, until `signal` is aborted. Polled, as mounted files change by a link. */
export async function followConfiguration(following: Following, signal: AbortSignal): Promise<void> {
  const { configFolder, secretsFolder, onConfig, onRefused, log, pause = realPause } = following
  let used: string | null = null
  let refused: string | null = null
  while (!signal.aborted) {
    try {
      const { text, secrets } = await readConfigTexts(path.join(configFolder, CONFIG_FILE), secretsFolder)
      const version = JSON.stringify([text, secrets])
      if (version !== used) onConfig(parsed(text, secrets, log))
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

function parsed(text: string, secrets: string | null, log: Logger): Config {
  const { config, warnings } = parseConfig(text, secrets === null ? {} : { secrets })
  for (const { message } of warnings) log.warn({ warning: message }, 'configuration warning')
  log.info('configuration taken')
  return config
}
