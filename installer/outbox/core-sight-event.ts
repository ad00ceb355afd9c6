import path from 'node:path'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'

/**
 * What CoreSight is told of a stored core: a CloudEvent 1.0 in JSON. Its fields are those that the original
 * CoreDog sent together with those that CoreSight's documents showed. `file_size` and `md5` are of the object
 * that `file_url` leads to: of a compressed core they describe what is downloaded, not what the kernel wrote.
 */
export interface CoreSightEvent {
  readonly specversion: '1.0'
  readonly type: 'coredog.coredump.uploaded'
  readonly source: 'coredog-agent'
  /** The same however often it is sent: a receiver that gets it twice can tell. */
  readonly id: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** Absent where there is none. Also in the header: the original CoreDog sent both. */
  readonly token?: string
  readonly data: CoreSightData
}

interface CoreSightData {
  readonly coredump_id: 0
  readonly file_url: string
  readonly file_name: string
  readonly executable_path: string
  readonly file_size: number
  readonly md5: string
  readonly image: string
  readonly timestamp: string
  readonly pod_name: string
  readonly pod_namespace: string
  readonly node_ip: string
  readonly node_name: string
}

export function coreSightEvent(
  { notice: notification, firstAt }: OutboxEntry,
  token: string | null,
): CoreSightEvent {
  const { report, link, corefilePath } = notification
  const { core, process, container, pod, node } = report
  return {
    specversion: '1.0',
    type: 'coredog.coredump.uploaded',
    source: 'coredog-agent',
    id: `coredog-${report.id}`,
    time: firstAt,
    datacontenttype: 'application/json',
    ...(token !== null && { token }),
    data: {
      coredump_id: 0,
      file_url: link ?? core?.url ?? '',
      file_name: path.posix.basename(corefilePath),
      executable_path: process?.executable ?? '',
      file_size: core?.storedBytes ?? 0,
      md5: core?.md5 ?? '',
      image: container?.image ?? '',
      timestamp: report.time ?? firstAt,
      pod_name: pod?.name ?? '',
      pod_namespace: pod?.namespace ?? '',
      node_ip: node?.ip ?? '',
      node_name: node?.name ?? '',
    },
  }
}

const REQUIRED = ['executable_path', 'md5', 'pod_name', 'pod_namespace', 'image', 'node_ip'] as const

/** What CoreSight cannot do without, and the event does not have. */
export function missingFields({ data }: CoreSightEvent): readonly string[] {
  return REQUIRED.filter(field => data[field] === '')
}
