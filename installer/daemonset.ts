import { anySignal } from '../crash/any-signal.ts'
import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/objects.ts'
import { type Pause, pause as realPause } from '../kube/pause.ts'

export interface DaemonSetName {
  readonly namespace: string
  readonly name: string
}

const DEADLINE_SECONDS = 5
const PAUSE_SECONDS = 0.5
const ATTEMPTS = 2

/**
 * The DaemonSet that we belong to. When our pod is stopped, it tells a rolling update or a node's drain, after
 * which somebody like us comes back, from CoreDog's leaving for good, after which the node must be as it was.
 */
export class OwnDaemonSet {
  readonly #kube: Pick<KubeClient, 'get'>
  readonly #path: string
  readonly #pause: Pause
  #wasAllowed = false

  constructor(kube: Pick<KubeClient, 'get'>, { namespace, name }: DaemonSetName, pause = realPause) {
    this.#kube = kube
    this.#path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets/${encodeURIComponent(name)}`
    this.#pause = pause
  }

  /**
   * Whether CoreDog leaves for good. Ask once at start, so that a later refusal can be told from a right that
   * was never there. Never rejects, and takes 5 s at most: the kubelet kills us after the grace period.
   *
   * - It is gone, or is being deleted: yes.
   * - We are refused, although we were not before: `kubectl delete -k` removes the service account and its
   *   roles with the DaemonSet, and often before our pod has ended: yes.
   * - We were always refused: nobody can say, so no. A node that still collects is the lesser evil, and the
   *   handler leaves by itself when no installer has been there for a day.
   * - There is no answer: a control plane that is being upgraded, or a network that is gone before we are:
   *   no, for the same reason.
   */
  async isLeaving(): Promise<boolean> {
    const deadline = AbortSignal.timeout(DEADLINE_SECONDS * 1000)
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const seen = await this.#look(anySignal([deadline, AbortSignal.timeout(ATTEMPT_MILLISECONDS)]))
      if (seen !== 'unanswered') return seen === 'leaving'
      await this.#pause(PAUSE_SECONDS, deadline)
    }
    return false
  }

  async #look(signal: AbortSignal): Promise<'leaving' | 'staying' | 'unanswered'> {
    try {
      const { metadata } = await this.#kube.get<KubeObject>(this.#path, signal)
      this.#wasAllowed = true
      return metadata?.deletionTimestamp === undefined ? 'staying' : 'leaving'
    } catch (cause) {
      // The reason, too: a proxy's 404 says nothing of the DaemonSet.
      const { status, reason } = cause instanceof KubeError ? cause : {}
      if (status === 404 && reason === 'NotFound') return 'leaving'
      if (status === 401 || status === 403) return this.#wasAllowed ? 'leaving' : 'staying'
      return 'unanswered'
    }
  }
}

const ATTEMPT_MILLISECONDS = (DEADLINE_SECONDS / ATTEMPTS - PAUSE_SECONDS) * 1000
