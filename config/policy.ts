import { ANNOTATIONS } from '../crash/annotations.ts'
import type { Identity } from '../crash/identity.ts'
import type { CollectConfig } from './config.ts'

/** What to do with a crash. `reason` is for a person who wonders where their core is. */
type Decision =
  | { readonly do: 'collect' }
  | { readonly do: 'skip'; readonly reason: string }
  | { readonly do: 'forward' }

const COLLECT: Decision = { do: 'collect' }

/**
 * Decides by the first rule that applies. `identity` null: it is unknown whose process it was. Such a crash
 * is collected, and kept apart: whether its owner agreed can be asked later, the core cannot.
 */
export function decide(policy: CollectConfig, identity: Identity | null): Decision {
  if (identity !== null && !mayBePod(identity)) return decideHost(policy)
  if (policy.pods === 'none') return skip('collect.pods is none')
  if (identity?.kind !== 'container' || identity.pod === null) return COLLECT
  const { pod, container } = identity
  if (policy.excludeNamespaces.includes(pod.namespace))
    return skip(`namespace "${pod.namespace}" is in collect.excludeNamespaces`)
  if (policy.includeNamespaces.length > 0 && !policy.includeNamespaces.includes(pod.namespace)) {
    return skip(`namespace "${pod.namespace}" is not in collect.includeNamespaces`)
  }
  // Of a pod that the API server no longer knows there is the folder that the webhook gave it, because its
  // owner had opted in.
  if (policy.pods === 'all' || pod.annotations === undefined) return COLLECT
  return decideByAnnotations(pod.annotations, container?.name)
}

/** Whether most crashes of which no more is known yet are collected in the end, so that it is worth to begin. */
export function isLikelyCollected(policy: CollectConfig, identity: Identity): boolean {
  if (decide(policy, identity).do !== 'collect') return false
  const isSaid = identity.kind === 'host' || identity.pod !== null || identity.podUid === null
  return isSaid || (policy.pods === 'all' && policy.includeNamespaces.length === 0)
}

/**
 * A container that neither its cgroup nor the runtime puts into a pod is the node's own: plain Docker's, say.
 */
function mayBePod(identity: Identity): boolean {
  if (identity.kind === 'host') return false
  return identity.pod !== null || identity.podUid !== null || identity.unanswered !== undefined
}

function decideHost(policy: CollectConfig): Decision {
  switch (policy.hostProcesses) {
    case 'forward':
      return { do: 'forward' }
    case 'collect':
      return COLLECT
    case 'drop':
      return skip('collect.hostProcesses is drop')
  }
}

/** The opt-in of the original CoreDog, with its words: `"true"` exactly, and a list of containers. */
function decideByAnnotations(
  annotations: Readonly<Record<string, string>>,
  container: string | undefined,
): Decision {
  const inject = annotations[ANNOTATIONS.inject]
  if (inject === undefined) return skip('annotation coredog.io/inject not found')
  if (inject !== 'true') return skip(`annotation coredog.io/inject=${inject} (not 'true')`)
  const only = (annotations[ANNOTATIONS.container] ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  // '' is a container without a known name: like a crash of an unknown process, it is collected.
  if (only.length > 0 && container !== '' && !only.includes(container ?? '')) {
    return skip(
      `container "${container ?? 'pause'}" is not in annotation coredog.io/container=${only.join(',')}`,
    )
  }
  return COLLECT
}

function skip(reason: string): Decision {
  return { do: 'skip', reason }
}
