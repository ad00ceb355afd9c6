import { OperatorError } from '../../crash/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { authoritiesIn, type Caller, caBundleOf, isSame, type ServiceName } from './caller.ts'

export interface ApiService extends KubeObject {
  readonly spec?: {
    /** PEM in base64. */
    readonly caBundle?: string
    readonly service?: { readonly namespace?: string; readonly name?: string }
  }
}

/** The APIService of this name: `v1alpha1.coredog.io`. */
export function apiServiceCaller(name: string): Caller {
  return {
    name,
    path: `/apis/apiregistration.k8s.io/v1/apiservices/${encodeURIComponent(name)}`,
    unread: 'APIService not read',
    missing: cause =>
      new OperatorError(
        `Cannot find APIService "${name}": no API server asks us for its group`,
        'Apply the manifests of coredog-api, or name the APIServices that there are with --api-service.',
        cause,
      ),
    believes: (object, service, authority) => !calls(object, service) || bundleOf(object).includes(authority),
    patch: (object, service, authorities) => {
      if (!calls(object, service) || isSame(bundleOf(object), authorities)) return null
      const { resourceVersion } = object.metadata ?? {}
      return { metadata: { resourceVersion }, spec: { caBundle: caBundleOf(authorities) } }
    },
  }
}

function calls({ spec }: ApiService, { namespace, name }: ServiceName): boolean {
  return spec?.service?.namespace === namespace && spec.service.name === name
}

function bundleOf({ spec }: ApiService): string[] {
  return authoritiesIn(spec?.caBundle)
}
