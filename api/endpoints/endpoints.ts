import type { ResourceRequest } from '../resource-request.ts'
import { alreadyExists, forbidden, methodNotAllowed, notFound } from '../status-error.ts'
import { ofStore } from '../streams/of-store.ts'
import { sendJson } from '../streams/send-text.ts'
import {
  type CoredumpEndpoint,
  DETECTOR_API,
  DETECTOR_GROUP,
  ENDPOINTS,
  wantedEndpoint,
} from './coredump-endpoint.ts'
import type { Dumping } from './dumping.ts'
import type { EndpointObjects } from './endpoint-objects.ts'
import { endpointOf, newRecord } from './endpoint-record.ts'
import { requestText } from './request-text.ts'

/** Of one namespace. */
const MOST_ENDPOINTS = 200
/** Of all namespaces. */
const MOST_LISTED = 2000

/** CoredumpEndpoints themselves: create, get, list, delete. */
export async function serveEndpoints(asked: ResourceRequest, endpoints: Dumping): Promise<void> {
  const serve = { create, get, list, delete: remove, watch: undefined }[asked.verb]
  if (serve === undefined) throw methodNotAllowed(asked.verb, 'CoredumpEndpoint')
  const answer = await ofStore(asked, endpoints.log, () => serve(asked, endpoints))
  sendJson(asked, answer, asked.verb === 'create' ? 201 : 200)
}

/**
 * Whether there is such a pod is not asked: to say so, we would have to be allowed to read all pods of all namespaces.
 * An endpoint that names none is harmless: of its cores it is said that there are none.
 */
async function create(
  { namespace, query, request }: ResourceRequest,
  { namespaceCreated, objects }: Dumping,
): Promise<CoredumpEndpoint> {
  const text = await requestText(request)
  const created = namespace === null ? null : await namespaceCreated(namespace)
  if (namespace === null || created === null) throw notFound('namespaces', namespace ?? '')
  const wanted = wantedEndpoint(text, namespace)
  const named = { namespace, name: wanted.name }
  if ((await objects.find(named)) !== null) throw alreadyExists(ENDPOINTS, wanted.name)
  await assureRoom(named, objects)
  if (query.has('dryRun')) return endpointOf(named, newRecord(wanted, created))
  return await objects.add(namespace, wanted, created)
}

/** What is left of a Namespace that was created anew takes nobody's room. */
async function assureRoom(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  objects: EndpointObjects,
): Promise<void> {
  const names = await objects.names(namespace, MOST_ENDPOINTS)
  if (names.length < MOST_ENDPOINTS) return
  const current = new Set((await objects.all(namespace, MOST_ENDPOINTS)).map(({ metadata }) => metadata.name))
  for (const named of names) if (!current.has(named.name)) await objects.remove(named)
  if (current.size === MOST_ENDPOINTS)
    throw forbidden(ENDPOINTS, name, `the namespace has ${MOST_ENDPOINTS} of them: delete some`)
}

async function get({ namespace, name }: ResourceRequest, { objects }: Dumping): Promise<CoredumpEndpoint> {
  const found = await objects.find({ namespace: namespace ?? '', name: name ?? '' })
  if (found === null) throw notFound(ENDPOINTS, name ?? '')
  return found
}

async function list({ namespace }: ResourceRequest, { objects }: Dumping): Promise<unknown> {
  const items = await objects.all(namespace, namespace === null ? MOST_LISTED : MOST_ENDPOINTS)
  return { kind: 'CoredumpEndpointList', apiVersion: DETECTOR_API, metadata: { resourceVersion: '1' }, items }
}

async function remove(asked: ResourceRequest, endpoints: Dumping): Promise<unknown> {
  const { name, namespace, uid } = (await get(asked, endpoints)).metadata
  await endpoints.objects.remove({ namespace, name })
  const details = { name, group: DETECTOR_GROUP, kind: 'coredumpendpoints', uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
