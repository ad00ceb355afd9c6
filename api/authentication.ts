import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { watch } from '../kube/watch.ts'
import { ToldOnce } from '../serving/certificate/told-once.ts'
import { type Pause, pause as realPause } from '../time/pause.ts'
import { userOf } from './front-proxy.ts'
import { type FrontProxySettings, frontProxySettings } from './identity-headers.ts'
import type { RequestUser } from './resource-request.ts'

const NAME = 'extension-apiserver-authentication'
const PATH = '/api/v1/namespaces/kube-system/configmaps'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>>
}

/** Whom we believe about users: the front proxy that the API server publishes, and nobody before it is known. */
export class Authentication {
  readonly #log: Logger
  readonly #onAuthorities: (pem: string) => void
  #settings: FrontProxySettings | null = null
  #published = ''

  /** `onAuthorities`: whose certificates are to be taken in handshakes from now on. */
  constructor(log: Logger, onAuthorities: (pem: string) => void) {
    this.#log = log
    this.#onAuthorities = onAuthorities
  }

  get isKnown(): boolean {
    return this.#settings !== null
  }

  /** `null`: nobody that the front proxy vouches for. */
  userOf(request: Pick<IncomingMessage, 'socket' | 'headersDistinct'>): RequestUser | null {
    return this.#settings === null ? null : userOf(request, this.#settings, Date.now())
  }

  /** Until `signal` aborts. */
  async follow(
    kube: Pick<KubeClient, 'list' | 'watchFrom'>,
    signal: AbortSignal,
    pause: Pause = realPause,
  ): Promise<void> {
    const warnings = new ToldOnce(this.#log)
    const options = {
      fieldSelector: `metadata.name=${NAME}`,
      onFault: (fault: unknown) => warnings.warn('authentication not read', fault),
      pause,
    }
    for await (const event of watch<ConfigMap>(kube, PATH, options, signal)) {
      warnings.isOver('authentication not read')
      const [found] = event.type === 'LISTED' ? event.objects : [event.object]
      // Deleted, it is made again by the API server: until then what was in it counts.
      if (found !== undefined && event.type !== 'DELETED') this.take(found.data ?? {})
    }
  }

  /** What is in the ConfigMap. What cannot be used changes nothing. */
  take(data: Readonly<Record<string, unknown>>): void {
    const published = JSON.stringify(data)
    if (published === this.#published) return
    this.#published = published
    try {
      const settings = frontProxySettings(data)
      this.#onAuthorities(settings.authorities.join(''))
      this.#settings = settings
      this.#log.info({ allowedNames: settings.allowedNames }, 'authentication taken')
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, 'authentication refused')
    }
  }
}
