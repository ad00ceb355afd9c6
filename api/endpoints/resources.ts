import type { ApiOutside } from '../outside.ts'
import type { ServedResource } from '../resource.ts'
import { StatusError } from '../status-error.ts'

/** The group of k8s-coredump-detector. */
export const DETECTOR_GROUP = 'coredump.fujitsu.com'
export const DETECTOR_VERSION = 'v1alpha1'

/** The paths of k8s-coredump-detector. No watch: the garbage collector would watch it. */
export function endpointResources(_outside: ApiOutside): readonly ServedResource[] {
  const serve = async () => {
    throw new StatusError(501, 'NotImplemented', 'coredumpendpoints are not served yet')
  }
  return [
    {
      name: 'coredumpendpoints',
      kind: 'CoredumpEndpoint',
      verbs: ['create', 'delete', 'get', 'list'],
      singularName: 'coredumpendpoint',
      description: 'Names a pod, which may be gone, whose cores are to be had.',
      serve,
    },
    {
      name: 'coredumpendpoints/dump',
      kind: 'CoredumpEndpointDump',
      verbs: ['get'],
      description: 'The cores of the pod, as a tar that gzip compressed.',
      serve,
    },
  ]
}
