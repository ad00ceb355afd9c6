import type { KubeObject } from '../../kube/objects.ts'

/** An `Event` of `events.k8s.io/v1`, as it was posted. */
export interface PostedEvent extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly action: string
  readonly note?: string
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
  readonly regarding?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
}

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const QUALIFIED = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/

/**
 * Why the API server would not take the event; `null`: it would. The rules are those of
 * k8s.io/kubernetes/pkg/apis/core/validation/events.go for events.k8s.io/v1.
 */
export function eventRefusal(object: KubeObject, namespace: string | undefined): string | null {
  const event = object as unknown as Readonly<Record<string, unknown>>
  const { name = '', namespace: own } = object.metadata ?? {}
  const regarding = (event.regarding ?? {}) as { kind?: string; namespace?: string }
  const rules: readonly (readonly [boolean, string])[] = [
    [object.apiVersion === 'events.k8s.io/v1' && object.kind === 'Event', 'apiVersion and kind'],
    [DNS_SUBDOMAIN.test(name) && name.length <= 253, 'metadata.name: must be a DNS subdomain'],
    [own === namespace, 'metadata.namespace: does not match the namespace of the request'],
    [(regarding.namespace || 'default') === own, 'involvedObject.namespace: does not match event.namespace'],
    [MICRO_TIME.test(String(event.eventTime)), 'eventTime: Required value'],
    [
      QUALIFIED.test(String(event.reportingController ?? '')),
      'reportingController: must be a qualified name',
    ],
    [isText(event.reportingInstance, 128), 'reportingInstance: Required value, at most 128'],
    [isText(event.action, 128), 'action: Required value, at most 128'],
    [isText(event.reason, 128), 'reason: Required value, at most 128'],
    [event.note === undefined || isText(event.note, 1024), 'note: can have at most 1024 bytes'],
    [event.type === 'Normal' || event.type === 'Warning', 'type: has invalid value'],
    [event.series === undefined || isSeries(event.series), 'series: count at least 2, lastObservedTime'],
    [!Object.keys(event).some(key => key.startsWith('deprecated')), 'deprecated fields must be unset'],
  ]
  return rules.find(([kept]) => !kept)?.[1] ?? null
}

function isSeries(series: unknown): boolean {
  const { count, lastObservedTime } = Object(series)
  return count >= 2 && MICRO_TIME.test(String(lastObservedTime))
}

function isText(value: unknown, longestBytes: number): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= longestBytes
}
