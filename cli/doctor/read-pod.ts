import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { podViewIn } from '../../node-view/parse-pod-view.ts'
import { nodeViewIn } from '../../node-view/parse-view.ts'
import type { PodView } from '../../node-view/pod-view.ts'
import { type Cluster, ClusterError, jsonOf } from '../cluster.ts'
import { askInstaller } from '../nodes/asked-installer.ts'
import { nodeIn } from '../nodes/cluster-node.ts'
import { textOf } from '../nodes/collection.ts'
import { type Installer, installersOf } from '../nodes/installer.ts'
import { installerEvents } from '../nodes/node-events.ts'
import type { NodeFacts } from './node-findings.ts'
import { podFacts } from './pod-facts.ts'
import type { PodRead } from './pod-findings.ts'

interface Asking {
  readonly namespace: string
  readonly systemNamespace: string | undefined
  readonly signal: AbortSignal
}

/** Rejects where the pod itself may not be read, or is not there; of all else it is said that it is unknown. */
export async function readPod(cluster: Cluster, name: string, asking: Asking): Promise<PodRead> {
  const { namespace, signal } = asking
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`
  const pod = podFacts(fieldsOf(await jsonOf(cluster, { path, signal })))
  const events = await orWhy(installerEvents(cluster, namespace, signal))
  const runtimeHandler = await handlerOf(cluster, pod.runtimeClass, signal)
  if (pod.node === null) return { pod, node: null, view: null, runtimeHandler, events }
  const { node, view } = await readNode(cluster, pod.node, pod.uid, asking)
  return { pod, node, view, runtimeHandler, events }
}

async function readNode(
  cluster: Cluster,
  name: string,
  uid: string,
  { systemNamespace, signal }: Asking,
): Promise<{ readonly node: NodeFacts; readonly view: PodView | null }> {
  const path = `/api/v1/nodes/${encodeURIComponent(name)}`
  const ready = await orWhy(jsonOf(cluster, { path, signal }).then(found => nodeIn(fieldsOf(found)).ready))
  const installers = await orWhy(installersOf(cluster, systemNamespace, signal))
  const installer = isList(installers) ? installers.find(({ node }) => node === name) : undefined
  if (installer === undefined)
    return { node: { name, ready, installers, asked: null, view: null }, view: null }
  const asked = await askInstaller(cluster, installer, '/status.json', signal)
  const node = {
    ...{ name, ready, installers, asked },
    view: asked.is === 'answered' ? nodeViewIn(asked.body) : null,
  }
  return { node, view: node.view === null ? null : await podView(cluster, installer, uid, signal) }
}

async function podView(
  cluster: Cluster,
  installer: Installer,
  uid: string,
  signal: AbortSignal,
): Promise<PodView | null> {
  const asked = await askInstaller(cluster, installer, `/pods/${encodeURIComponent(uid)}`, signal)
  return asked.is === 'answered' ? podViewIn(asked.body) : null
}

/** `null`: there is none, or it may not be read. */
async function handlerOf(cluster: Cluster, runtimeClass: string | null, signal: AbortSignal) {
  if (runtimeClass === null) return null
  const path = `/apis/node.k8s.io/v1/runtimeclasses/${encodeURIComponent(runtimeClass)}`
  const found = await orWhy(jsonOf(cluster, { path, signal }))
  return textOf(fieldsOf(found).handler) ?? null
}

/** What may not be read is said, and nothing fails of it. */
async function orWhy<T>(answer: Promise<T>): Promise<T | { readonly why: string }> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ClusterError) return { why: messageOf(error) }
    throw error
  }
}

function isList<T>(value: readonly T[] | { readonly why: string }): value is readonly T[] {
  return Array.isArray(value)
}
