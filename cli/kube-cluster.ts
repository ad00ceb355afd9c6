import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { messageOf } from '../crash/errors.ts'
import type { Cluster, ClusterAnswer, ClusterRequest } from './cluster.ts'
import { CliError, EXIT } from './exit.ts'
import type { ClusterOptions } from './options.ts'
import { noAnswer, refusal } from './refusal.ts'
import { readTokenFiles } from './token-files.ts'

/** The cluster that a kubeconfig leads to, as kubectl finds it. Asks nothing yet. */
export async function openKubeCluster(options: ClusterOptions): Promise<Cluster> {
  // It takes 0.2 s to load.
  const { KubeConfig } = await import('./kube-config.ts')
  return new KubeCluster(loaded(new KubeConfig(), options), options)
}

const NO_KUBECONFIG = 'http://localhost:8080'

function loaded(config: KubeConfig, { kubeconfig, context }: ClusterOptions): KubeConfig {
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
    readTokenFiles(config, kubeconfig)
  } catch (error) {
    throw unusable(messageOf(error), error)
  }
  if (context !== undefined) config.setCurrentContext(context)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw unusable(`there is no context "${config.getCurrentContext()}"`)
  // Of one without TLS, as that of kubectl proxy, there is nothing to verify; the library refuses it otherwise.
  config.clusters = config.clusters.map(one => (isPlain(one.server) ? { ...one, skipTLSVerify: true } : one))
  if (cluster.server === NO_KUBECONFIG && cluster.name === 'cluster') throw unusable('there is none')
  return config
}

function isPlain(server: string): boolean {
  return server.startsWith('http:')
}

function unusable(why: string, cause?: unknown): CliError {
  return new CliError(
    EXIT.error,
    `Cannot use the kubeconfig: ${why}`,
    'Name one with --kubeconfig or KUBECONFIG, a context of it with --context, or a store with --bucket.',
    cause,
  )
}

const SILENCE_SECONDS = 60
const MOST_OF_A_STATUS = 64 << 10

class KubeCluster implements Cluster {
  readonly name: string
  readonly namespace: string
  readonly #config: KubeConfig
  readonly #options: ClusterOptions
  readonly #server: string

  constructor(config: KubeConfig, options: ClusterOptions) {
    const context = config.getContextObject(config.getCurrentContext())
    this.#config = config
    this.#options = options
    this.#server = (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '')
    this.name = `the cluster ${this.#server} of context ${config.getCurrentContext()}`
    this.namespace = options.namespace ?? context?.namespace ?? 'default'
  }

  async send(sent: ClusterRequest): Promise<ClusterAnswer> {
    const asked = { method: sent.method ?? 'GET', path: sent.path }
    const answer = await this.#answer(sent).catch(cause => {
      if (sent.signal?.aborted === true) throw sent.signal.reason
      throw noAnswer(asked, this.name, cause)
    })
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return { status, headers: answer.headers, body: answer }
    throw refusal(asked, status, await startOf(answer))
  }

  async #answer(sent: ClusterRequest): Promise<IncomingMessage> {
    const options: RequestOptions = { method: sent.method ?? 'GET' }
    // Certificates, tokens, what an exec plugin says, a proxy.
    await this.#config.applyToHTTPSOptions(options)
    const body = sent.body === undefined ? undefined : JSON.stringify(sent.body)
    options.headers = { ...options.headers, ...this.#impersonation(), ...headersOf(sent, body) }
    const url = `${this.#server}${sent.path}`
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, options)
    return answerTo(request.end(body), sent, this.#options.requestTimeout)
  }

  #impersonation(): Record<string, string | string[]> {
    const { as, asGroup } = this.#options
    return {
      ...(as !== undefined && { 'impersonate-user': as }),
      ...(asGroup !== undefined && { 'impersonate-group': [...asGroup] }),
    }
  }
}

function headersOf({ headers }: ClusterRequest, body: string | undefined): Record<string, string | number> {
  const json = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') }
  return { 'user-agent': 'kubectl-coredog', ...(body !== undefined && json), ...headers }
}

async function answerTo(
  request: ReturnType<typeof httpRequest>,
  { signal, silenceSeconds = SILENCE_SECONDS }: ClusterRequest,
  answerSeconds: number,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const late = setTimeout(
    () => request.destroy(new Error(`no answer in ${answerSeconds} s`)),
    answerSeconds * 1000,
  )
  const onAbort = () => request.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', onAbort)
  request.on('close', () => signal?.removeEventListener('abort', onAbort))
  request.on('response', resolve).on('error', reject)
  request.on('close', () => reject(new Error('the connection was closed without an answer')))
  if (signal?.aborted === true) onAbort()
  try {
    const answer = await promise
    const silent = new Error(`it was silent for ${silenceSeconds} s`)
    answer.setTimeout(silenceSeconds * 1000, () => answer.destroy(silent))
    return answer
  } finally {
    clearTimeout(late)
  }
}

async function startOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MOST_OF_A_STATUS) break
    }
  } catch {
    // What came of it says enough.
  }
  return Buffer.concat(chunks).toString()
}
