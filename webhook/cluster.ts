import type { Logger } from 'pino'
import { inCluster } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { NamespaceLevels } from './admission/namespaces.ts'

/** What the webhook has of the cluster that it is a pod of. */
export interface Cluster {
  readonly kube: KubeClient
  readonly namespace: string
  readonly namespaces: NamespaceLevels
}

/** `null`: we are not in one, and nothing is known of namespaces. */
export async function enterCluster(log: Logger): Promise<Cluster | null> {
  const access = inCluster(process.env)
  if (access === null) return null
  const kube = new KubeClient(access)
  const namespace = (await namespaceOf(access)) ?? 'coredog-system'
  return { kube, namespace, namespaces: new NamespaceLevels(kube, log) }
}
