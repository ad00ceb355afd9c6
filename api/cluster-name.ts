import type { Logger } from 'pino'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { ToldOnce } from '../serving/certificate/told-once.ts'
import { type Pause, pause as realPause } from '../time/pause.ts'

const AGAIN_SECONDS = 5
const DIGITS = 8

/**
 * What a cluster without a configured name is called, as installers do it: the first eight digits of the UID of
 * kube-system. Resolves with an empty name when `signal` aborts.
 */
export async function clusterName(
  kube: Pick<KubeClient, 'get'>,
  log: Logger,
  signal: AbortSignal,
  pause: Pause = realPause,
): Promise<string> {
  const warnings = new ToldOnce(log)
  while (!signal.aborted) {
    try {
      const { metadata } = await kube.get<KubeObject>('/api/v1/namespaces/kube-system', signal)
      if (metadata?.uid !== undefined) return metadata.uid.slice(0, DIGITS)
    } catch (fault) {
      warnings.warn('the cluster has no name yet', fault)
    }
    await pause(AGAIN_SECONDS, signal)
  }
  return ''
}
