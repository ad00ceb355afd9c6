import { keySegment } from '../../crash/object-key.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { badRequest } from '../status-error.ts'
import type { DumpedPod } from './crashes-of-pod.ts'
import type { EndpointObjects } from './endpoint-objects.ts'

/** A DNS label has 63, and a key no more than these. */
const LONGEST_CONTAINER = 128

/** The pod whose dump is asked for. An endpoint of its name may say which of several it was; there need not be one. */
export async function podAsked(
  { namespace, name, query }: ResourceRequest,
  objects: Pick<EndpointObjects, 'find'>,
  cluster: string,
): Promise<DumpedPod> {
  const container = query.get('container') || null
  if (container !== null && (container.length > LONGEST_CONTAINER || keySegment(container) !== container))
    throw badRequest('container must be the name of a container')
  const named = { namespace: namespace ?? '', name: name ?? '' }
  const endpoint = await objects.find(named)
  return { cluster, ...named, container, uid: endpoint?.spec.poduid ?? null }
}
