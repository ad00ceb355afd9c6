import { fieldsIn, fieldsOf, isFields } from '../../crash/fields.ts'
import { isPodUid } from '../../crash/index-entry.ts'
import { badRequest, invalid } from '../status-error.ts'

/** The group of k8s-coredump-detector. */
export const DETECTOR_GROUP = 'coredump.fujitsu.com'
export const DETECTOR_VERSION = 'v1alpha1'
export const DETECTOR_API = `${DETECTOR_GROUP}/${DETECTOR_VERSION}`
export const ENDPOINTS = `coredumpendpoints.${DETECTOR_GROUP}`

/** Names a pod, by its UID if that is given, so that the cores of one that is gone can be had. */
export interface CoredumpEndpoint {
  readonly apiVersion: string
  readonly kind: 'CoredumpEndpoint'
  readonly metadata: {
    /** The pod's. */
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly creationTimestamp: string
    readonly resourceVersion: string
  }
  readonly spec: { readonly poduid?: string }
}

/** What a client wants to be made of a CoredumpEndpoint. */
export interface WantedEndpoint {
  readonly name: string
  readonly poduid: string | null
}

/** Reads what `kubectl create` sends; throws what a client of Kubernetes expects of an object that is not valid. */
export function wantedEndpoint(text: string, namespace: string): WantedEndpoint {
  const body = fieldsIn(text)
  if (body === null) throw badRequest('the body is no object of JSON')
  if (body.kind !== 'CoredumpEndpoint' || body.apiVersion !== DETECTOR_API)
    throw badRequest(`the object is no CoredumpEndpoint of ${DETECTOR_API}`)
  const metadata = fieldsOf(body.metadata)
  if (![undefined, '', namespace].includes(metadata.namespace as string | undefined))
    throw badRequest('the namespace of the object is not the one of the request')
  const name = nameIn(metadata.name)
  return { name, poduid: podUidIn(body.spec, name) }
}

// Of a pod: a DNS subdomain.
const POD = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

function nameIn(name: unknown): string {
  if (typeof name === 'string' && POD.test(name)) return name
  const shown = typeof name === 'string' && name.length < 254 ? name : ''
  throw invalid(ENDPOINTS, shown, 'metadata.name', 'must be the name of a pod')
}

/** What the README of k8s-coredump-detector leaves in its template for a pod that is still there. */
const NOT_REPLACED = '__UID__'

/** `spec` is the UID itself, as that README has it, or `{poduid}`, as its program had it. */
function podUidIn(spec: unknown, name: string): string | null {
  const uid = isFields(spec) ? spec.poduid : spec
  if (uid === undefined || uid === null || uid === '' || uid === NOT_REPLACED) return null
  if (typeof uid === 'string' && isPodUid(uid)) return uid
  throw invalid(ENDPOINTS, name, 'spec.poduid', 'must be the UID of a pod')
}
