import { type Fields, fieldsOf } from '../../crash/fields.ts'
import { present } from '../../crash/present.ts'
import type { Cluster } from '../cluster.ts'
import { collection, numberOf, objectsIn, textOf } from './collection.ts'

/** An installer's pod, as the API server knows it. */
export interface Installer {
  readonly namespace: string
  readonly name: string
  /** Where it runs; absent: nowhere yet. */
  readonly node?: string
  readonly ready: boolean
  /** Why its container does not run, by the kubelet: `ImagePullBackOff`. */
  readonly waiting?: string
  readonly image?: string
  readonly pullSecrets: readonly string[]
  /** Of its metrics. */
  readonly port: number
}

const PORT = 9464
export const INSTALLERS = 'app.kubernetes.io/name=coredog,app.kubernetes.io/component=installer'

/** Where manifests and chart have it, unless told otherwise. */
export const USUAL_NAMESPACE = 'coredog-system'

/**
 * The installers in `namespace`, or, where that is not said, in the usual one, and if there are none there, in
 * any. Rejects where the pods may not be listed.
 */
export async function installersOf(
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Installer[]> {
  const inOne = await pods(cluster, `namespaces/${encodeURIComponent(namespace ?? USUAL_NAMESPACE)}/`, signal)
  if (inOne.length > 0 || namespace !== undefined) return inOne
  // Who may not list all pods knows of none elsewhere.
  return await pods(cluster, '', signal).catch(() => [])
}

async function pods(cluster: Cluster, where: string, signal: AbortSignal): Promise<readonly Installer[]> {
  const found = await collection(cluster, `/api/v1/${where}pods`, { labelSelector: INSTALLERS }, signal)
  return found.map(installerIn)
}

function installerIn(pod: Fields): Installer {
  const [metadata, spec, status] = [pod.metadata, pod.spec, pod.status].map(fieldsOf) as [
    Fields,
    Fields,
    Fields,
  ]
  const [container = {}] = objectsIn(spec.containers)
  const [state = {}] = objectsIn(status.containerStatuses)
  const conditions = objectsIn(status.conditions)
  return {
    namespace: textOf(metadata.namespace) ?? '',
    name: textOf(metadata.name) ?? '',
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    pullSecrets: objectsIn(spec.imagePullSecrets).flatMap(({ name }) => textOf(name) ?? []),
    port: numberOf(objectsIn(container.ports).find(({ name }) => name === 'metrics')?.containerPort) ?? PORT,
    ...present({
      node: textOf(spec.nodeName),
      image: textOf(container.image),
      waiting: textOf(fieldsOf(fieldsOf(state.state).waiting).reason),
    }),
  }
}
