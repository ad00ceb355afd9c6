import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { ApiPod, ApiVolume } from './api-pod.ts'
import { writeConfigMap } from './config-map.ts'
import type { KubeCluster } from './kube-cluster.ts'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** What a kubelet makes of the volumes of a pod: folders of the node, below one of its own. */
export class PodVolumes {
  readonly #cluster: KubeCluster
  readonly #pod: ApiPod
  readonly #folder: string

  constructor(cluster: KubeCluster, pod: ApiPod, folder: string) {
    this.#cluster = cluster
    this.#pod = pod
    this.#folder = folder
  }

  folderOf(name: string): string {
    const volume = this.#pod.spec.volumes.find(volume => volume.name === name)
    return volume?.hostPath?.path ?? path.join(this.#folder, name)
  }

  /** Brings what ConfigMaps and Secrets say now. Rejects where one is missing that is not optional. */
  async bring(): Promise<void> {
    for (const volume of this.#pod.spec.volumes) await this.#bring(volume)
  }

  async #bring({ name, configMap, secret, projected }: ApiVolume): Promise<void> {
    const folder = this.folderOf(name)
    mkdirSync(folder, { recursive: true })
    const group = this.#pod.spec.securityContext?.fsGroup ?? 0
    if (configMap !== undefined) return writeConfigMap(folder, await this.#configMap(configMap.name))
    if (secret !== undefined)
      return writeConfigMap(folder, await this.#secret(secret), { mode: secret.defaultMode, group })
    // A kubelet gives the token to the group of the pod, and to no other.
    if (projected !== undefined)
      return writeConfigMap(folder, await this.#credentials(), { mode: 0o640, group })
    if (folder.startsWith(this.#folder)) chmodSync(folder, 0o777)
  }

  async #configMap(name: string): Promise<Readonly<Record<string, string>>> {
    const { namespace } = this.#pod.metadata
    return (
      (await this.#cluster.kube.get<ConfigMap>(`/api/v1/namespaces/${namespace}/configmaps/${name}`)).data ??
      {}
    )
  }

  async #secret({ secretName, optional }: NonNullable<ApiVolume['secret']>): Promise<Record<string, string>> {
    const { namespace } = this.#pod.metadata
    try {
      const where = `/api/v1/namespaces/${namespace}/secrets/${secretName}`
      const { data = {} } = await this.#cluster.kube.get<ConfigMap>(where)
      return Object.fromEntries(
        Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]),
      )
    } catch (thrown) {
      if (optional && thrown instanceof KubeError && thrown.status === 404) return {}
      throw thrown
    }
  }

  /** The token counts as long as the pod is there. */
  async #credentials(): Promise<Readonly<Record<string, string>>> {
    const { metadata, spec } = this.#pod
    const bound = ['--bound-object-kind=Pod', `--bound-object-name=${metadata.name}`]
    const asked = ['create', 'token', spec.serviceAccountName, '-n', metadata.namespace, ...bound]
    const { stdout } = await this.#cluster.kubectl(asked)
    const authority = readFileSync(this.#cluster.access.caFile ?? '', 'utf8')
    return { token: stdout, 'ca.crt': authority, namespace: metadata.namespace }
  }
}
