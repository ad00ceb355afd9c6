import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/objects.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { notAnswered } from './kube-fault.ts'

// Short: who makes a namespace anew must not see what is of the one before.
const CACHE = { seconds: 2, mostEntries: 1024 }

/** Since when there are namespaces. */
export class Namespaces {
  readonly #kube: Pick<KubeClient, 'get'>
  readonly #created: ExpiringCache<Date | null>

  constructor(kube: Pick<KubeClient, 'get'>, now?: () => number) {
    this.#kube = kube
    this.#created = new ExpiringCache(CACHE, now)
  }

  /** `null`: there is no such namespace. Rejects with a `StatusError` where there is no answer. */
  created(name: string): Promise<Date | null> {
    return this.#created.get(name, () => this.#ask(name))
  }

  async #ask(name: string): Promise<Date | null> {
    try {
      const { metadata } = await this.#kube.get<KubeObject>(`/api/v1/namespaces/${encodeURIComponent(name)}`)
      const created = new Date(metadata?.creationTimestamp ?? '')
      if (Number.isNaN(created.getTime())) throw new Error('it says no creationTimestamp')
      return created
    } catch (fault) {
      if (fault instanceof KubeError && fault.status === 404 && fault.reason === 'NotFound') return null
      throw notAnswered(`since when there is namespace "${name}"`, fault)
    }
  }
}
