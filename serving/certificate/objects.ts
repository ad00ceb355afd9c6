import { OperatorError } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { Caller } from './caller.ts'
import { dataOf, type Kept, type Secret } from './secret.ts'

export interface CertificateObjectsOptions {
  readonly kube: Pick<KubeClient, 'get' | 'patch'>
  readonly namespace: string
  readonly secretName: string
  /** The program, as label or annotation of the Secret name it: `coredog-webhook`. */
  readonly owner: string
}

/** The objects of the cluster that a certificate is about: the Secret with it, and those that believe it. */
export class CertificateObjects {
  readonly #options: CertificateObjectsOptions

  constructor(options: CertificateObjectsOptions) {
    this.#options = options
  }

  readCaller({ path }: Caller, signal: AbortSignal): Promise<KubeObject> {
    return this.#options.kube.get(path, signal)
  }

  async patchCaller({ path }: Caller, patch: object, signal: AbortSignal): Promise<void> {
    await this.#options.kube.patch(path, patch, signal)
  }

  /** It is never made by us: a right to create one would be a right to create any. */
  async readSecret(signal: AbortSignal): Promise<Secret> {
    try {
      return await this.#options.kube.get<Secret>(this.#secretPath, signal)
    } catch (cause) {
      if (!isNotFound(cause)) throw cause
      throw new OperatorError(
        `Cannot find Secret "${this.#options.secretName}": ${this.#options.owner} may not make it`,
        `Apply the manifests of ${this.#options.owner}: they have an empty one, into which it writes a certificate.`,
        cause,
      )
    }
  }

  /** Rejects where another replica has written since `secret` was read. */
  async writeSecret(kept: Kept, secret: Secret, signal: AbortSignal): Promise<void> {
    const { resourceVersion } = secret.metadata ?? {}
    const patch = { metadata: { resourceVersion }, data: dataOf(kept) }
    await this.#options.kube.patch(this.#secretPath, patch, signal)
  }

  get #secretPath(): string {
    const { namespace, secretName } = this.#options
    return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`
  }
}

// The reason, too: a proxy's 404 says nothing of the object.
export function isNotFound(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 404 && error.reason === 'NotFound'
}
