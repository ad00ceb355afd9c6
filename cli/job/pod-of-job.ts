import type { Fields } from '../../crash/fields.ts'
import type { Cluster } from '../cluster.ts'
import { collection } from '../nodes/collection.ts'

/** Where a Job is. */
export interface JobPlace {
  readonly namespace: string
  /** Its name. */
  readonly job: string
  readonly signal: AbortSignal
}

/** `null`: there is none yet, or none any more. */
export async function podOf(cluster: Cluster, { namespace, job, signal }: JobPlace): Promise<Fields | null> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const [pod] = await collection(cluster, path, { labelSelector: `job-name=${job}` }, signal)
  return pod ?? null
}

const HOPELESS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
  'RunContainerError',
]

/** Why a container waits, by the kubelet: these mend themselves, or not at all while somebody waits. */
export function isHopeless(reason: string | undefined): boolean {
  return reason !== undefined && HOPELESS.includes(reason)
}
