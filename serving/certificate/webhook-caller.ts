import { OperatorError } from '../../crash/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { authoritiesIn, type Caller, caBundleOf, isSame, type ServiceName } from './caller.ts'

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

/** The MutatingWebhookConfiguration of this name. */
export function webhookCaller(name: string): Caller {
  return {
    name,
    path: `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${encodeURIComponent(name)}`,
    unread: 'webhook configuration not read',
    missing: cause =>
      new OperatorError(
        `Cannot find MutatingWebhookConfiguration "${name}": no API server asks this webhook`,
        'Apply the manifest of the webhook, or give the name of its configuration with --webhook-configuration.',
        cause,
      ),
    believes: (object, service, authority) =>
      webhooksOf(object, service).every(webhook => bundleOf(webhook).includes(authority)),
    patch: trustPatch,
  }
}

// A merge patch replaces the whole list: the resource version makes sure that it is still the one that was read.
function trustPatch(
  configuration: WebhookConfiguration,
  service: ServiceName,
  authorities: readonly string[],
): object | null {
  const wrong = webhooksOf(configuration, service).filter(webhook => !isSame(bundleOf(webhook), authorities))
  if (wrong.length === 0) return null
  const caBundle = caBundleOf(authorities)
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
  return authoritiesIn(clientConfig?.caBundle)
}
