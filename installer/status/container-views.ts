import type { CollectConfig } from '../../config/config.ts'
import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'
import type { ContainerView } from '../../node-view/pod-view.ts'
import { NodeProcesses } from './node-processes.ts'
import { newestOfEach, policyOf } from './pod-policy.ts'
import { processFacts } from './process-facts.ts'

/** The containers of this node's pods, and what runs in them. */
export class ContainerViews {
  readonly #proc: string
  readonly #processes: NodeProcesses

  /** `proc`: that of the node. */
  constructor(proc: string, now?: () => number) {
    this.#proc = proc
    this.#processes = new NodeProcesses(proc, now)
  }

  async of(pod: HandoffPod, policy: CollectConfig): Promise<readonly ContainerView[]> {
    return await Promise.all(newestOfEach(pod.containers).map(one => this.#container(pod, one, policy)))
  }

  async #container(
    pod: HandoffPod,
    container: HandoffContainer,
    policy: CollectConfig,
  ): Promise<ContainerView> {
    const { pids, count } = await this.#processes.of(container.id)
    const facts = pids.map(pid => processFacts(this.#proc, pid, container.id))
    return {
      name: container.name,
      policy: policyOf(policy, pod, container),
      running: container.finishedAt === undefined,
      processes: (await Promise.all(facts)).filter(found => found !== null),
      processCount: count,
    }
  }
}
