import { OperatorError } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import { dataOf, type Kept, type Secret } from './secret.ts'
import type { WebhookConfiguration } from './trust.ts'

export interface CertificateObjectsOptions {
  readonly kube: Pick<KubeClient, 'get' | 'patch'>
  readonly namespace: string
  readonly secretName: string
  /** The name of the MutatingWebhookConfiguration. */
  readonly webhookConfiguration: string
}

/** The two objects of the cluster that a certificate is about: the Secret with it, and the configuration that believes it. */
export class CertificateObjects {
  readonly #options: CertificateObjectsOptions

  constructor(options: CertificateObjectsOptions) {
    this.#options = options
  }

  readConfiguration(signal: AbortSignal): Promise<WebhookConfiguration> {
    return this.#options.kube.get<WebhookConfiguration>(this.#configurationPath, signal)
  }

  async patchConfiguration(patch: object, signal: AbortSignal): Promise<void> {
    await this.#options.kube.patch(this.#configurationPath, patch, signal)
  }

  /** It is never made by us: a right to create one would be a right to create any. */
  async readSecret(signal: AbortSignal): Promise<Secret> {
    try {
      return await this.#options.kube.get<Secret>(this.#secretPath, signal)
    } catch (cause) {
      if (!isNotFound(cause)) throw cause
      throw new OperatorError(
        `Cannot find Secret "${this.#options.secretName}": the webhook may not make it`,
        'Apply the manifests of the webhook: they have an empty one, into which it writes a certificate.',
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

  get #configurationPath(): string {
    const name = encodeURIComponent(this.#options.webhookConfiguration)
    return `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`
  }
}

// The reason, too: a proxy's 404 says nothing of the object.
export function isNotFound(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 404 && error.reason === 'NotFound'
}
