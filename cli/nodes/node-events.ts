import { type Fields, fieldsOf } from '../../crash/fields.ts'
import type { Cluster } from '../cluster.ts'
import { collection, textOf } from './collection.ts'

/** What an installer told of a crash, or of its node, by an Event. They live for an hour. */
export interface InstallerEvent {
  /** The node of the installer. */
  readonly node: string
  readonly kind: 'Pod' | 'Node'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly reason: string
  readonly note: string
  readonly time: Date
}

const OURS = 'reportingComponent=coredog.io/installer'

/** `namespace` null: of all. Newest first. Rejects where they may not be listed. */
export async function installerEvents(
  cluster: Cluster,
  namespace: string | null,
  signal: AbortSignal,
): Promise<readonly InstallerEvent[]> {
  const where = namespace === null ? '' : `namespaces/${encodeURIComponent(namespace)}/`
  const found = await collection(cluster, `/api/v1/${where}events`, { fieldSelector: OURS }, signal)
  return found.map(eventIn).toSorted((a, b) => b.time.getTime() - a.time.getTime())
}

function eventIn(event: Fields): InstallerEvent {
  const { kind, namespace, name, uid } = fieldsOf(event.involvedObject)
  const { lastObservedTime } = fieldsOf(event.series)
  return {
    node: textOf(event.reportingInstance) ?? '',
    kind: kind === 'Node' ? 'Node' : 'Pod',
    namespace: textOf(namespace) ?? '',
    name: textOf(name) ?? '',
    uid: textOf(uid) ?? '',
    reason: textOf(event.reason) ?? '',
    note: textOf(event.message) ?? '',
    time: new Date(textOf(lastObservedTime) ?? textOf(event.eventTime) ?? 0),
  }
}
