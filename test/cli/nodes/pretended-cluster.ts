import { Readable } from 'node:stream'
import type { Cluster, ClusterRequest } from '../../../cli/cluster.ts'
import { refusal } from '../../../cli/refusal.ts'

/** What an API server answers: an object, or a status that is no success. */
type Answer = object | { readonly refused: number; readonly body?: string }

/** Answers by the path without its query; anything else is 404. Keeps what was asked. */
export class PretendedCluster implements Cluster {
  readonly name = 'a pretended cluster'
  readonly namespace = 'shop'
  readonly asked: ClusterRequest[] = []
  readonly answers: Map<string, Answer | ((request: ClusterRequest) => Answer)>

  constructor(answers: Readonly<Record<string, Answer | ((request: ClusterRequest) => Answer)>>) {
    this.answers = new Map(Object.entries(answers))
  }

  async send(request: ClusterRequest) {
    request.signal?.throwIfAborted()
    this.asked.push(request)
    const { method = 'GET', path } = request
    const [bare = ''] = path.split('?')
    const found = this.answers.get(method === 'GET' ? bare : `${method} ${bare}`)
    const answer = typeof found === 'function' ? found(request) : found
    if (answer === undefined) throw refusal({ method, path }, 404, '404 page not found')
    if ('refused' in answer) throw refusal({ method, path }, answer.refused, answer.body ?? '{}')
    return { status: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(answer))]) }
  }
}

export const PODS = '/api/v1/namespaces/coredog-system/pods'
export const NODES = '/api/v1/nodes'
export const FORBIDDEN = { refused: 403, body: '{"message":"no, you may not","reason":"Forbidden"}' }

export function installerPod(
  node: string,
  { ready = true, waiting }: { ready?: boolean; waiting?: string } = {},
) {
  return {
    metadata: { namespace: 'coredog-system', name: `coredog-installer-${node}` },
    spec: {
      nodeName: node,
      containers: [
        { image: 'ghcr.io/coredog/coredog:0.1.0', ports: [{ name: 'metrics', containerPort: 9464 }] },
      ],
    },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        { state: waiting === undefined ? { running: {} } : { waiting: { reason: waiting } } },
      ],
    },
  }
}

export function proxied(node: string, path: string): string {
  return `${PODS}/coredog-installer-${node}:9464/proxy${path}`
}

export function node(name: string, { ready = true, labels = {} } = {}) {
  return {
    metadata: { name, labels: { 'kubernetes.io/os': 'linux', ...labels } },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}

/** What an installer tells where all is well. */
export function nodeView(name: string, overrides: object = {}) {
  return {
    version: 1,
    node: name,
    coredog: '0.1.0',
    ready: true,
    capture: 'pipe',
    pattern: { ours: true, owner: 'CoreDog', pipeLimit: 256, before: 'apport' },
    handler: 'coredog-handler 0.1.0',
    problems: [],
    waiting: [],
    lastCrash: null,
    trial: { ageSeconds: 3, running: false, checks: [{ name: 'storage', ok: true }] },
    ...overrides,
  }
}
