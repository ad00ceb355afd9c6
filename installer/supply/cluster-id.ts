import { messageOf } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { Node } from '../node/node.ts'

const AGAIN_SECONDS = 60
const DEADLINE_MS = 10_000
const DIGITS = 8

/**
 * What a cluster without a configured name is called: the first eight digits of the UID of its namespace
 * kube-system, which is as old as the cluster and stays as long. `null`: we may not ask, or `signal` was
 * aborted.
 */
export async function findClusterId(
  kube: Pick<KubeClient, 'getMetadata'>,
  log: Node['log'],
  signal: AbortSignal,
  wait: Pause = pause,
  random = Math.random,
): Promise<string | null> {
  while (!signal.aborted) {
    try {
      const deadline = AbortSignal.timeout(DEADLINE_MS)
      const { metadata } = await kube.getMetadata('/api/v1/namespaces/kube-system', deadline)
      return metadata?.uid?.slice(0, DIGITS) ?? null
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'the cluster has no name yet')
      if (error instanceof KubeError && error.status === 403) return null
    }
    await wait(AGAIN_SECONDS * (0.5 + random()), signal)
  }
  return null
}
