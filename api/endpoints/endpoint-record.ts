import { randomUUID } from 'node:crypto'
import { fieldsIn } from '../../crash/fields.ts'
import { isPodUid } from '../../crash/index-entry.ts'
import { type CoredumpEndpoint, DETECTOR_API, type WantedEndpoint } from './coredump-endpoint.ts'

/** A CoredumpEndpoint as it is stored. */
export interface EndpointRecord {
  readonly uid: string
  readonly created: string
  /** When the Namespace was created that it is of: another one of that name has not got it. */
  readonly namespaceCreated: string
  readonly poduid?: string
}

export function newRecord({ poduid }: WantedEndpoint, namespaceCreated: Date): EndpointRecord {
  return {
    uid: randomUUID(),
    created: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    namespaceCreated: namespaceCreated.toISOString(),
    ...(poduid !== null && { poduid }),
  }
}

export function encodeRecord(record: EndpointRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version: 1, ...record })}\n`)
}

/** `null`: it is none that we wrote. */
export function recordIn(text: string): EndpointRecord | null {
  const { uid, created, namespaceCreated, poduid } = fieldsIn(text) ?? {}
  if (!isUid(uid) || !isTime(created) || !isTime(namespaceCreated)) return null
  if (poduid === undefined) return { uid, created, namespaceCreated }
  return isUid(poduid) ? { uid, created, namespaceCreated, poduid } : null
}

export function endpointOf(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { uid, created, poduid }: EndpointRecord,
): CoredumpEndpoint {
  return {
    apiVersion: DETECTOR_API,
    kind: 'CoredumpEndpoint',
    metadata: { name, namespace, uid, creationTimestamp: created, resourceVersion: '1' },
    spec: poduid === undefined ? {} : { poduid },
  }
}

function isUid(value: unknown): value is string {
  return typeof value === 'string' && isPodUid(value)
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^[\dT:.-]{1,30}Z$/.test(value) && !Number.isNaN(Date.parse(value))
}
