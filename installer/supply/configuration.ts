import path from 'node:path'
import type { Logger } from 'pino'
import { authoritiesText, withAuthorities } from '../../config/authorities.ts'
import type { Config } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { CONFIG_FILE, readConfig, readConfigTexts } from '../../config/read-config.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { HOST_PATHS, type Host } from '../../handoff/host.ts'
import { anySignal } from '../../time/any-signal.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { installConfiguration, versionOf } from '../node/host-configuration.ts'

/** Where the ConfigMap and the Secret are mounted in our own container; both may be in one folder. */
export interface ConfigurationSource {
  readonly configFolder: string
  readonly secretsFolder: string
}

export const DEFAULT_SOURCE: ConfigurationSource = {
  configFolder: '/etc/coredog-config',
  secretsFolder: '/etc/coredog-secrets',
}

interface WatchConfigurationOptions {
  readonly source: ConfigurationSource
  readonly host: Host
  readonly log: Logger
  /**
   * Called with each configuration from when it is on the node. `until` aborts when another one takes its
   * place, and at the end; what is returned is waited for before the next one is told.
   */
  readonly onConfig: (config: Config, until: AbortSignal) => void | Promise<void>
  /**
   * Called once for each version that cannot be used, with why; the one before stays on the node. With `null`
   * when there is none any more, and at the first look.
   */
  readonly onRefused: (error: OperatorError | null) => void | Promise<void>
  readonly pause?: Pause
}

// A kubelet takes up to a minute to bring a change. It does so by replacing a link, for which
// a file watch on the mounted file is blind; and reading two small files costs nothing.
const LOOK_SECONDS = 5

/**
 * Keeps the node's configuration as ConfigMap and Secret say, as far as they can be used, until `signal`
 * aborts.
 */
export async function watchConfiguration(
  options: WatchConfigurationOptions,
  signal: AbortSignal,
): Promise<void> {
  const watch = new ConfigurationWatch(options, signal)
  const wait = options.pause ?? pause
  while (!signal.aborted) {
    await watch.look()
    await wait(LOOK_SECONDS, signal)
  }
  await watch.end()
}

/** What is on the node, and the signal that ends what runs by an older one. */
class ConfigurationWatch {
  readonly #options: WatchConfigurationOptions
  readonly #signal: AbortSignal
  readonly #hostFolder: string
  #version: string | null = null
  /** `undefined`: nothing was looked at yet. */
  #refusal: string | null | undefined
  #superseded = new AbortController()
  #told: Promise<void> | null = null

  constructor(options: WatchConfigurationOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#hostFolder = options.host.path(HOST_PATHS.configFolder)
  }

  async look(): Promise<void> {
    try {
      await this.#take()
      await this.#accept()
    } catch (error) {
      await this.#refuse(error)
    }
  }

  async end(): Promise<void> {
    this.#superseded.abort()
    await this.#told
  }

  async #take(): Promise<void> {
    const { configFolder, secretsFolder } = this.#options.source
    const { text, secrets } = await readConfigTexts(path.join(configFolder, CONFIG_FILE), secretsFolder)
    const { config: parsed, warnings } = parseConfig(text, secrets === null ? {} : { secrets })
    const { host } = this.#options
    const folders = [configFolder, secretsFolder]
    const authorities = await authoritiesText(parsed, { folders, hostRoot: host.root })
    const texts = { text, secrets, ...(authorities !== null && { authorities }) }
    const config = await withAuthorities(parsed, { folders, brought: texts.authorities })
    // On the node itself, without a container, the source may be where the handler reads.
    if (path.resolve(configFolder) !== this.#hostFolder) await installConfiguration(this.#hostFolder, texts)
    const version = versionOf(texts)
    if (version === this.#version) return
    const { log } = this.#options
    for (const { message } of warnings) log.warn({ warning: message }, 'configuration warning')
    log.info({ version }, 'configuration installed')
    await this.#tell(version, config)
  }

  async #accept(): Promise<void> {
    if (this.#refusal === null) return
    this.#refusal = null
    await this.#safely(() => this.#options.onRefused(null))
  }

  async #refuse(thrown: unknown): Promise<void> {
    const error = asOperatorError(thrown)
    if (error.message === this.#refusal) return
    this.#refusal = error.message
    const { log, onRefused } = this.#options
    log.error({ reason: error.message, hint: error.hint }, 'configuration refused')
    await this.#safely(() => onRefused(error))
    if (this.#told === null) await this.#tellWhatIsThere()
  }

  /** We were started anew, and what we would install is broken: what is on the node still counts. */
  async #tellWhatIsThere(): Promise<void> {
    const file = path.join(this.#hostFolder, CONFIG_FILE)
    try {
      const { config } = await readConfig(file)
      this.#options.log.warn({ file }, 'configuration on the node stays')
      await this.#tell(versionOf(await readConfigTexts(file)), config)
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'no configuration on the node')
    }
  }

  async #tell(version: string, config: Config): Promise<void> {
    await this.end()
    this.#version = version
    this.#superseded = new AbortController()
    const until = anySignal([this.#signal, this.#superseded.signal])
    this.#told = this.#safely(() => this.#options.onConfig(config, until))
  }

  async #safely(call: () => void | Promise<void>): Promise<void> {
    try {
      await call()
    } catch (err) {
      this.#options.log.error({ err }, 'configuration not followed')
    }
  }
}

function asOperatorError(thrown: unknown): OperatorError {
  if (thrown instanceof OperatorError) return thrown
  return new OperatorError(messageOf(thrown), 'This should not happen: please report it.', thrown)
}
