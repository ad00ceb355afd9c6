import type { KubeClient } from '../kube/client.ts'
import type { DaemonSet, KubeObject } from '../kube/objects.ts'
import { anySignal } from '../time/any-signal.ts'
import { backoff } from '../time/backoff.ts'
import { type Pause, pause as realPause } from '../time/pause.ts'
import { type Look, OwnObject } from './own-object.ts'

/** Why our pod is on this node. */
interface Member {
  readonly namespace: string
  readonly daemonSet: string
  readonly node: string
}

const DEADLINE_SECONDS = 5
const PAUSE_SECONDS = 0.5
const ATTEMPTS = 2
const FIRST_LOOKS = 4
const LOOK_PAUSE_SECONDS = { first: 20, longest: 600 }
const ATTEMPT_MILLISECONDS = (DEADLINE_SECONDS / ATTEMPTS - PAUSE_SECONDS) * 1000

/**
 * That our pod belongs on this node: its DaemonSet, its Namespace and its Node. When the pod is stopped, they
 * tell a rolling update or a node's drain, after which another installer comes, from CoreDog's leaving for
 * good, after which the node must be as it was.
 */
export class Membership {
  readonly #daemonSet: OwnObject<DaemonSet>
  readonly #namespace: OwnObject<KubeObject>
  readonly #node: OwnObject<KubeObject>
  readonly #pause: Pause

  constructor(
    kube: Pick<KubeClient, 'get' | 'getMetadata'>,
    { namespace, daemonSet, node }: Member,
    pause = realPause,
  ) {
    const [inNamespace, set, host] = [namespace, daemonSet, node].map(encodeURIComponent)
    this.#daemonSet = new OwnObject(kube, `/apis/apps/v1/namespaces/${inNamespace}/daemonsets/${set}`)
    this.#namespace = new OwnObject(kube, `/api/v1/namespaces/${inNamespace}`)
    this.#node = new OwnObject(kube, `/api/v1/nodes/${host}`)
    this.#pause = pause
  }

  /**
   * Sees once at start what there is, so that a later refusal can be told from a right that was never there,
   * and what is gone from what never was. Never rejects; gives up with `signal`, or after some minutes of
   * refusals. While the API server does not answer it goes on: a whole cluster may start anew, and its API
   * server last.
   */
  async begin(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const unseen = this.#all.filter(({ wasSeen }) => !wasSeen)
      const looks = await Promise.all(unseen.map(object => object.remember(signal)))
      if (looks.every(is => is === 'there')) return
      if (attempt >= FIRST_LOOKS && !looks.includes('unanswered')) return
      await this.#pause(backoff(LOOK_PAUSE_SECONDS, attempt), signal)
    }
  }

  /**
   * Whether CoreDog leaves for good. Never rejects, and takes 5 s at most: the kubelet kills us after the
   * grace period.
   *
   * - The DaemonSet is gone, or is being deleted: yes.
   * - The Namespace or the Node is being deleted, or is gone and was there before: yes. Of a namespace the
   *   controller deletes the pods first and the DaemonSet last, half a minute later.
   * - The DaemonSet does not want a node with these labels any more: yes.
   * - The DaemonSet is refused to us, although it was not before: `kubectl delete -k` removes the service
   *   account and its roles with the DaemonSet, and often before our pod has ended: yes. Of Namespace and
   *   Node that says nothing: a manifest of an older version gives no right to them.
   * - We were always refused: it is unknown, so no. A node that still collects is the lesser evil, and the
   *   handler leaves by itself when no installer has been there for a day.
   * - There is no answer: a control plane that is being upgraded, or a network that is gone before we are:
   *   no, for the same reason.
   */
  async isLeaving(): Promise<boolean> {
    const deadline = AbortSignal.timeout(DEADLINE_SECONDS * 1000)
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const answer = await this.#ask(anySignal([deadline, AbortSignal.timeout(ATTEMPT_MILLISECONDS)]))
      if (answer !== 'unanswered') return answer === 'leaving'
      await this.#pause(PAUSE_SECONDS, deadline)
    }
    return false
  }

  get #all(): readonly OwnObject<KubeObject>[] {
    return [this.#daemonSet, this.#namespace, this.#node]
  }

  async #ask(signal: AbortSignal): Promise<'leaving' | 'staying' | 'unanswered'> {
    const [daemonSet, namespace, node] = await Promise.all([
      this.#daemonSet.look(signal),
      this.#namespace.look(signal),
      this.#node.look(signal),
    ])
    const ends = [
      isAway(daemonSet),
      daemonSet.is === 'refused' && this.#daemonSet.wasSeen,
      isAway(namespace) && (namespace.is === 'going' || this.#namespace.wasSeen),
      isAway(node) && (node.is === 'going' || this.#node.wasSeen),
      !isWanted(daemonSet, node),
    ]
    if (ends.includes(true)) return 'leaving'
    return [daemonSet, namespace, node].some(({ is }) => is === 'unanswered') ? 'unanswered' : 'staying'
  }
}

function isAway({ is }: Look<KubeObject>): boolean {
  return is === 'going' || is === 'gone'
}

/**
 * By `nodeSelector` alone; an operator who keeps us away by an affinity leaves the node to `uninstallAfter`.
 */
function isWanted(daemonSet: Look<DaemonSet>, node: Look<KubeObject>): boolean {
  if (daemonSet.is !== 'there' || node.is !== 'there') return true
  const { labels = {} } = node.object.metadata ?? {}
  const selector = daemonSet.object.spec?.template?.spec?.nodeSelector ?? {}
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
