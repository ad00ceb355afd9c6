import type { CollectConfig } from '../../config/config.ts'
import { decide } from '../../config/policy.ts'
import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'
import type { PolicyView } from '../../node-view/pod-view.ts'

/** What the handler would decide of a crash of this container. */
export function policyOf(
  policy: CollectConfig,
  pod: HandoffPod,
  container: Pick<HandoffContainer, 'id' | 'name'>,
): PolicyView {
  return decide(policy, { kind: 'container', containerId: container.id, podUid: pod.uid, pod, container })
}

/** Of a container and those that it was before, the one that runs, or ran last: it is named first. */
export function newestOfEach(containers: readonly HandoffContainer[]): readonly HandoffContainer[] {
  const newest = new Map(containers.toReversed().map(container => [container.name, container]))
  return [...newest.values()].toReversed()
}
