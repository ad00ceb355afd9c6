import type { Coredump } from '../../../coredump/coredump.ts'
import { fieldsOf } from '../../../crash/fields.ts'
import { type Cluster, ClusterError, jsonOf } from '../../cluster.ts'
import { objectsIn, textOf } from '../../nodes/collection.ts'

const MOST = 20

/** By which the crashed image was pulled: those of its pod, as long as that is there. */
export async function pullSecretsOf(
  cluster: Cluster,
  { metadata, spec }: Coredump,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [namespace, name] = [metadata.namespace, spec.pod.name].map(encodeURIComponent)
  try {
    const pod = fieldsOf(
      await jsonOf(cluster, { path: `/api/v1/namespaces/${namespace}/pods/${name}`, signal }),
    )
    const secrets = objectsIn(fieldsOf(pod.spec).imagePullSecrets)
    return secrets.flatMap(secret => textOf(secret.name) ?? []).slice(0, MOST)
  } catch (error) {
    // The pod is gone, or not to be read; public images need none.
    if (error instanceof ClusterError) return []
    throw error
  }
}
