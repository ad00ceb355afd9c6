import type { FakeKube, KubeRequest } from '../../test/fakes/fake-kube.ts'

/** What an installer asked of the API server for some time. */
export interface ApiUse {
  readonly requests: readonly KubeRequest[]
  readonly answeredBytes: number
}

/** Begins to look; what it gives tells of the time since. */
export function lookAt(kube: FakeKube): () => ApiUse {
  const [requests, bytes] = [kube.requests.length, kube.answeredBytes]
  return () => ({ requests: kube.requests.slice(requests), answeredBytes: kube.answeredBytes - bytes })
}

export function isWatch({ action }: KubeRequest): boolean {
  return action.startsWith('watch ')
}

/** Of a pod, whose workload is looked up. */
export function isOwner({ action }: KubeRequest): boolean {
  return action === 'get replicasets' || action === 'get jobs'
}

/** `get pods, 2 get namespaces`. */
export function whichOf(requests: readonly KubeRequest[]): string {
  const counts = new Map<string, number>()
  for (const { action, path } of requests) {
    const name = action.endsWith(' ') ? `get ${path}` : action
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} ${name}`)).join(', ')
}
