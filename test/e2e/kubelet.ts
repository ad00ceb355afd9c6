import path from 'node:path'
import type { KubeObject } from '../../kube/objects.ts'
import type { ApiPod } from './api-pod.ts'
import type { KubeCluster } from './kube-cluster.ts'
import type { Pod } from './pod.ts'
import { NODE_IP, type Running, specOf } from './pod-as-stored.ts'
import { PodVolumes } from './pod-volumes.ts'
import { RunningPod } from './running-pod.ts'
import type { World } from './world.ts'

export const NODE_NAME = 'node-1'

/** The kubelet of {@link NODE_NAME}: it runs what the API server has stored, as it was stored. */
export class Kubelet {
  readonly #world: World
  readonly #cluster: KubeCluster

  private constructor(world: World, cluster: KubeCluster) {
    this.#world = world
    this.#cluster = cluster
  }

  static async join(world: World, cluster: KubeCluster): Promise<Kubelet> {
    await cluster.kubectl(['create', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'Node',
      // As every kubelet does; a node without it is none that the DaemonSet asks for.
      metadata: { name: NODE_NAME, labels: { 'kubernetes.io/os': 'linux' } },
    })
    return new Kubelet(world, cluster)
  }

  /** Creates the pod at the API server, and runs what came of it there. */
  async run(manifest: object, running: Running = {}): Promise<RunningPod> {
    const pod = await this.#create(manifest)
    const volumes = new PodVolumes(
      this.#cluster,
      pod,
      path.join(this.#world.dir, 'volumes', pod.metadata.uid),
    )
    await volumes.bring()
    const spec = specOf(pod, volumes, running, this.#cluster)
    const run = await this.#world.runPod(spec)
    await this.#report(pod, run)
    return new RunningPod(this.#world, this.#cluster, pod, run, volumes)
  }

  async #create(manifest: object): Promise<ApiPod> {
    const { stdout } = await this.#cluster.kubectl(['create', '-f', '-', '-o', 'json'], manifest)
    return JSON.parse(stdout) as ApiPod // as the API server has made it whole
  }

  async #report({ metadata, spec }: ApiPod, { containerId }: Pod): Promise<void> {
    const [{ name, image }] = spec.containers
    const containerStatuses = [
      {
        ...{ name, image, imageID: image, containerID: `containerd://${containerId}` },
        ...{ ready: true, restartCount: 0, state: { running: {} } },
      },
    ]
    const status = { phase: 'Running', hostIP: NODE_IP, containerStatuses }
    const patch = ['patch', 'pod', metadata.name, '-n', metadata.namespace, '--subresource=status']
    await this.#cluster.kubectl([...patch, '--type=merge', '-p', JSON.stringify({ status })])
  }
}

interface Workload extends KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } }
}

/** A pod as a controller makes it, on our node. */
export function podOf({ apiVersion, kind, metadata, spec }: Workload): object {
  const { namespace, name, uid } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...spec.template.metadata,
      namespace,
      generateName: `${name}-`,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: { ...spec.template.spec, nodeName: NODE_NAME },
  }
}
