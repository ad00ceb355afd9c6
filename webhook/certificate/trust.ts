import type { KubeObject } from '../../kube/objects.ts'
import { certificatesIn } from './secret.ts'

/** Only what we read: what else there is goes back as it came. */
export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[]
}

interface Webhook {
  readonly clientConfig?: {
    /** PEM in base64. */
    readonly caBundle?: string
    readonly service?: { readonly namespace?: string; readonly name?: string }
  }
}

interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/** Whether every webhook of `service` believes certificates of `authority`'s: also if there is none. */
export function isTrustedBy(
  configuration: WebhookConfiguration,
  service: ServiceName,
  authority: string,
): boolean {
  return webhooksOf(configuration, service).every(webhook => bundleOf(webhook).includes(authority))
}

/**
 * The merge patch that makes the webhooks of `service` believe in `authorities`, and in no others; `null`:
 * they do. A merge patch replaces the whole list: the resource version makes sure that it is still the one
 * that was read.
 */
export function trustPatch(
  configuration: WebhookConfiguration,
  service: ServiceName,
  authorities: readonly string[],
): object | null {
  const wrong = webhooksOf(configuration, service).filter(webhook => !isSame(bundleOf(webhook), authorities))
  if (wrong.length === 0) return null
  const caBundle = Buffer.from(authorities.join('')).toString('base64')
  return {
    metadata: { resourceVersion: configuration.metadata?.resourceVersion },
    webhooks: configuration.webhooks?.map(webhook =>
      wrong.includes(webhook) ? { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } } : webhook,
    ),
  }
}

function webhooksOf({ webhooks = [] }: WebhookConfiguration, { namespace, name }: ServiceName): Webhook[] {
  return webhooks.filter(({ clientConfig }) => {
    const service = clientConfig?.service
    return service?.namespace === namespace && service.name === name
  })
}

function bundleOf({ clientConfig }: Webhook): string[] {
  return certificatesIn(Buffer.from(clientConfig?.caBundle ?? '', 'base64').toString())
}

// Not as texts: cert-manager's injector may write the same certificates in another way, and would do so for
// ever.
function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.every(one => right.includes(one)) && right.every(one => left.includes(one))
}
