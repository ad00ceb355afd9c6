import type { Logger } from 'pino'
import { type Activity, goOnUntil } from '../serving/activities.ts'
import { followKeyPair, type KeyPairPlaces } from '../serving/certificate/follow-key-pair.ts'
import { DEFAULT_KEY_FILES } from '../serving/certificate/key-files.ts'
import { webhookCaller } from '../serving/certificate/webhook-caller.ts'
import { type Following, followConfiguration } from '../serving/configuration.ts'
import { listenerOf } from '../serving/listener.ts'
import { openLog } from '../serving/log.ts'
import { openPorts, type Ports } from '../serving/ports.ts'
import { stopSignal } from '../serving/stop-signal.ts'
import { takeKeyPair } from '../serving/take-key-pair.ts'
import { pause } from '../time/pause.ts'
import { BodyReader } from './body.ts'
import { type Cluster, enterCluster } from './cluster.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Options } from './options.ts'
import type { Outside } from './review.ts'
import { plainRoutes, webhookRoutes } from './routes.ts'
import { State } from './state.ts'
import { unreadAlert } from './unread-alert.ts'

// Ten seconds together. All nodes hear within the first few that the Service goes without us from now on.
const FORGET_SECONDS = 5
const CLOSE_SECONDS = 5

/** The webhook's life in its pod, until it is told to stop, or cannot go on. */
export async function runWebhook(options: Options): Promise<void> {
  await live(options, stopSignal())
}

/** Everything is put together here. */
async function live(options: Options, stop: AbortSignal): Promise<void> {
  const ending = new AbortController()
  const log = openLog()
  const cluster = await enterCluster(log)
  const state = new State()
  const webhook: Webhook = { options, cluster, state, metrics: createMetrics(), log }
  const ports = await portsOf(webhook, ending.signal)
  try {
    await goOnUntil(stop, activitiesOf(webhook, ports), ending.signal)
    state.isLeaving = true
    log.info('webhook stops')
    await pause(FORGET_SECONDS, new AbortController().signal)
  } finally {
    ending.abort()
    await ports.close(CLOSE_SECONDS)
    await cluster?.kube.close()
  }
}

/** What all parts of the webhook have in common. */
interface Webhook {
  readonly options: Options
  /** `null`: we are in none. */
  readonly cluster: Cluster | null
  readonly state: State
  readonly metrics: Metrics
  readonly log: Logger
}

function portsOf({ options, cluster, state, metrics, log }: Webhook, signal: AbortSignal): Promise<Ports> {
  const outside: Outside = {
    bodies: new BodyReader(),
    settings: () => state.settings,
    levelOf: async name => (await cluster?.namespaces.levelOf(name)) ?? null,
    metrics,
    onUnread: unreadAlert(state, log, signal),
    log,
  }
  const { port, metricsPort } = options
  const isLeaving = () => state.isLeaving
  const tls = listenerOf(webhookRoutes(outside, state), { log, isLeaving })
  const starting = 'Starting webhook server'
  return openPorts({ port, metricsPort, tls, plain: plainRoutes(metrics, state), starting, log })
}

/** Everything that goes on until the webhook is stopped, a line each. */
function activitiesOf(webhook: Webhook, ports: Ports): readonly Activity[] {
  const { options, cluster, log } = webhook
  return [
    signal => followConfiguration(followingOf(webhook), signal),
    async signal => cluster?.namespaces.follow(signal),
    signal =>
      followKeyPair(placesOf(options), cluster, pair => takeKeyPair(pair, webhook, ports), log, signal),
  ]
}

function placesOf(options: Options): KeyPairPlaces {
  return {
    ...options,
    usual: DEFAULT_KEY_FILES,
    owner: 'coredog-webhook',
    callers: [webhookCaller(options.webhookConfiguration)],
  }
}

function followingOf({ options, state, metrics, log }: Webhook): Following {
  return {
    configFolder: options.configDir,
    secretsFolder: options.secretsDir,
    onConfig: config => {
      state.config = config
    },
    onRefused: metrics.countRefusedConfiguration,
    log,
  }
}
