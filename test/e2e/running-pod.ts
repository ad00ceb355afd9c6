import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { ApiContainer, ApiPod, Probe } from './api-pod.ts'
import type { Executed } from './cri.ts'
import { eventually } from './eventually.ts'
import type { KubeCluster } from './kube-cluster.ts'
import type { Pod } from './pod.ts'
import type { PodVolumes } from './pod-volumes.ts'
import { podLogs } from './workspace.ts'
import type { World } from './world.ts'

/** A pod that the API server knows and the runtime runs. */
export class RunningPod {
  readonly #world: World
  readonly #cluster: KubeCluster
  readonly #volumes: PodVolumes
  readonly object: ApiPod
  readonly pod: Pod

  constructor(world: World, cluster: KubeCluster, object: ApiPod, pod: Pod, volumes: PodVolumes) {
    this.#world = world
    this.#cluster = cluster
    this.#volumes = volumes
    this.object = object
    this.pod = pod
  }

  /** What `kubectl logs` would show. */
  log(): string {
    const [{ name }] = this.object.spec.containers
    const file = path.join(podLogs(this.#world.dir), this.pod.uid, name, '0.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Resolves once the log says all of `words` in one line. */
  async says(...words: readonly string[]): Promise<void> {
    await eventually(`a line with ${words.join(', ')} in the log`, 60, () => {
      const lines = this.log().split('\n')
      if (lines.some(line => words.every(word => line.includes(word)))) return true
      throw new Error(lines.slice(-20).join('\n'))
    })
  }

  /** Resolves with the answer to the probe of the manifest, once it has the status. */
  async answers(name: 'readinessProbe' | 'livenessProbe', status = 200): Promise<string> {
    const [container] = this.object.spec.containers
    const address = addressOf(container, container[name])
    return await eventually(`${status} of ${address}`, 60, async () => {
      const answer = await fetch(address)
      const body = await answer.text()
      if (answer.status !== status) throw new Error(`${answer.status}: ${body}\n${this.log().slice(-3000)}`)
      return body
    })
  }

  /** `kubectl exec`. */
  async exec(...command: readonly string[]): Promise<Executed> {
    return await this.#world.containerd.cri.exec(this.pod.containerId, command)
  }

  /** Brings what ConfigMaps and Secrets say now, as a kubelet does each minute. */
  async refresh(): Promise<void> {
    await this.#volumes.bring()
  }

  /** SIGTERM, and SIGKILL when the grace is over; then the API server forgets it. */
  async stop(): Promise<void> {
    const { metadata, spec } = this.object
    await this.#world.containerd.cri.stopContainer(this.pod.containerId, spec.terminationGracePeriodSeconds)
    const gone = ['delete', 'pod', metadata.name, '-n', metadata.namespace, '--ignore-not-found']
    await this.#cluster.kubectl([...gone, '--grace-period=0', '--force', '--wait=false'])
  }
}

function addressOf({ ports = [] }: ApiContainer, probe: Probe | undefined): string {
  const { path: where, port } = probe?.httpGet ?? assert.fail('there is no such probe')
  return `http://127.0.0.1:${ports.find(({ name }) => name === port)?.containerPort}${where}`
}
