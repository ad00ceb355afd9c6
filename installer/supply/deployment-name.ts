import { isDnsName, LONGEST_NAME } from '../../crash/dns-name.ts'

/** What the controller of Deployments puts on their pods. That of Rollouts has a label of its own. */
const HASH_LABEL = 'pod-template-hash'
/** A number of 32 bits, as `SafeEncodeString()` of Kubernetes has its digits. */
const HASH = /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/

/**
 * The name of the Deployment that made a ReplicaSet: it calls it `<Deployment>-<hash>`, and labels the pods
 * with the hash. `undefined`: name and labels do not say it.
 */
export function deploymentNameOf(
  replicaSet: string,
  labels: Readonly<Record<string, string>> = {},
): string | undefined {
  const { [HASH_LABEL]: hash = '' } = labels
  // It may have been cut: https://github.com/kubernetes/kubernetes/pull/132560
  if (replicaSet.length >= LONGEST_NAME) return undefined
  if (!HASH.test(hash) || !replicaSet.endsWith(`-${hash}`)) return undefined
  const name = replicaSet.slice(0, -hash.length - 1)
  return isDnsName(name) ? name : undefined
}
