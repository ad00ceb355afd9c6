import { destination, type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { OperatorError } from '../crash/errors.ts'
import { Network } from '../network/network.ts'
import type { Speaker } from '../notify/note.ts'
import { openNotifier } from '../notify/open-notifier.ts'
import { pause } from '../time/pause.ts'
import { UnreadPods } from './admission/unread-pods.ts'
import { BodyReader } from './body.ts'
import { keepCertificate } from './certificate/keeper.ts'
import { followKeyFiles, haveKeyFiles } from './certificate/key-files.ts'
import { checkKeyPair, type KeyPair } from './certificate/key-pair.ts'
import { type Cluster, enterCluster } from './cluster.ts'
import { followConfiguration } from './configuration.ts'
import { listenerOf } from './listener.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Outside } from './review.ts'
import { plainRoutes, webhookRoutes } from './routes.ts'
import { listenPlain, listenTls } from './server.ts'
import { State } from './state.ts'

/** What the command line says. */
export interface Options {
  readonly port: number
  readonly metricsPort: number
  readonly certFile: string
  readonly keyFile: string
  readonly configDir: string
  readonly secretsDir: string
  readonly service: string
  readonly secret: string
  readonly webhookConfiguration: string
}

/** Where the original CoreDog has its pair mounted. Without files there, we make one. */
export const DEFAULT_KEY_FILES = {
  certFile: '/etc/webhook/certs/tls.crt',
  keyFile: '/etc/webhook/certs/tls.key',
}

// Ten seconds together. All nodes hear within the first few that the Service goes without us from now on.
const FORGET_SECONDS = 5
const CLOSE_SECONDS = 5

/** The webhook's life in its pod, until it is told to stop, or cannot go on. */
export async function runWebhook(options: Options): Promise<void> {
  const stopping = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort(name))
  await live(options, stopping.signal)
}

/** Everything is put together here. */
async function live(options: Options, stop: AbortSignal): Promise<void> {
  const log = openLog()
  const ending = new AbortController()
  const state = new State()
  const metrics = createMetrics()
  const cluster = await enterCluster(log)
  const outside: Outside = {
    bodies: new BodyReader(),
    settings: () => state.settings,
    levelOf: async name => (await cluster?.namespaces.levelOf(name)) ?? null,
    metrics,
    onUnread: alertOf(state, log, ending.signal),
    log,
  }
  const listener = listenerOf(webhookRoutes(outside, state), { log, isLeaving: () => state.isLeaving })
  const server = await listenTls(options.port, listener, log)
  log.info(`Starting webhook server on port ${server.port}`)
  const plainListener = listenerOf(plainRoutes(metrics, state), { log })
  const plain = await listenPlain(options.metricsPort, plainListener).catch(async error => {
    await server.close(0)
    throw error
  })
  log.info({ port: plain.port }, 'metrics served')

  const onKeyPair = (pair: KeyPair) => {
    metrics.setCertificateExpiry(checkKeyPair(pair, 'in use'))
    server.useKeyPair(pair)
    state.hasKeyPair = true
    log.info('certificate taken')
  }
  const activities = [
    keepConfiguration(options, { state, metrics, log }, ending.signal),
    cluster?.namespaces.follow(ending.signal),
    keepKeyPair(options, cluster, onKeyPair, log, ending.signal),
  ]
  try {
    await Promise.race([aborted(stop), failureOf(activities)])
    state.isLeaving = true
    log.info('webhook stops')
    await pause(FORGET_SECONDS, new AbortController().signal)
  } finally {
    ending.abort()
    await Promise.all([server.close(CLOSE_SECONDS), plain.close(0)])
    await cluster?.kube.close()
  }
}

function alertOf(state: State, log: Logger, signal: AbortSignal): Outside['onUnread'] {
  const unread = new UnreadPods(
    async note => (state.config === null ? [] : speakerOf(state.config, signal).say(note)),
    log,
  )
  return (pod, reason) => unread.report(pod, reason)
}

function speakerOf({ notice: notification, network }: Config, signal: AbortSignal): Speaker {
  return openNotifier(notification, { network: new Network(network), signal })
}

function keepConfiguration(
  { configDir, secretsDir }: Options,
  { state, metrics, log }: { state: State; metrics: Metrics; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const following = {
    configFolder: configDir,
    secretsFolder: secretsDir,
    onConfig: (config: NonNullable<State['config']>) => {
      state.config = config
    },
    onRefused: metrics.countRefusedConfiguration,
    log,
  }
  return followConfiguration(following, signal)
}

/** The given pair, where there is one or is to be one; else our own. */
async function keepKeyPair(
  options: Options,
  cluster: Cluster | null,
  onKeyPair: (pair: KeyPair) => void,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { certFile, keyFile, service, secret, webhookConfiguration } = options
  const isGiven = certFile !== DEFAULT_KEY_FILES.certFile || keyFile !== DEFAULT_KEY_FILES.keyFile
  if (isGiven || (await haveKeyFiles(options))) return followKeyFiles(options, onKeyPair, log, signal)
  if (cluster === null) {
    throw new OperatorError(
      'Cannot make a certificate: this is not a pod of Kubernetes',
      'Name a certificate and its key with --cert-file and --key-file.',
    )
  }
  const { kube, namespace } = cluster
  const kept = { kube, namespace, serviceName: service, secretName: secret, webhookConfiguration, log }
  return keepCertificate(kept, onKeyPair, signal)
}

/** Rejects with the first of `activities` that does. That they end is not waited for. */
function failureOf(activities: readonly (Promise<void> | undefined)[]): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  for (const activity of activities) activity?.catch(reject)
  return promise
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** JSON lines, as those of the handler and the installer. */
function openLog(): Logger {
  const options = { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return pino(options, destination({ fd: process.stdout.fd, sync: true }))
}
