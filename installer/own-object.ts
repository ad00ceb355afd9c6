import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/objects.ts'

/** What one look at an object says. `refused`: we may not look. `unanswered`: ask again. */
export type Look<T> = { readonly is: 'there'; readonly object: T } | { readonly is: Missing }
type Missing = 'going' | 'gone' | 'refused' | 'unanswered'

/**
 * An object that we depend on, and whether we saw it before: only then does it say something that it is away.
 */
export class OwnObject<T extends KubeObject> {
  readonly #kube: Pick<KubeClient, 'get' | 'getMetadata'>
  readonly #path: string
  #wasSeen = false

  constructor(kube: Pick<KubeClient, 'get' | 'getMetadata'>, path: string) {
    this.#kube = kube
    this.#path = path
  }

  get wasSeen(): boolean {
    return this.#wasSeen
  }

  /** Asks for no more than whether it is there, from memory of the API server. Never rejects. */
  async remember(signal: AbortSignal): Promise<'there' | Missing> {
    try {
      await this.#kube.getMetadata(this.#path, signal)
      this.#wasSeen = true
      return 'there'
    } catch (cause) {
      return missing(cause)
    }
  }

  /** As it is now. Never rejects. */
  async look(signal: AbortSignal): Promise<Look<T>> {
    try {
      const object = await this.#kube.get<T>(this.#path, signal)
      this.#wasSeen = true
      return object.metadata?.deletionTimestamp === undefined ? { is: 'there', object } : { is: 'going' }
    } catch (cause) {
      return { is: missing(cause) }
    }
  }
}

function missing(cause: unknown): Missing {
  // The reason, too: a proxy's 404 says nothing of the object.
  const { status, reason } = cause instanceof KubeError ? cause : {}
  if (status === 404 && reason === 'NotFound') return 'gone'
  return status === 401 || status === 403 ? 'refused' : 'unanswered'
}
