import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { FakeKube } from '../fakes/fake-kube.ts'
import { HANDLER_IN_IMAGE } from './agent-image.ts'
import { writeConfigMap } from './config-map.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import type { Pod } from './pod.ts'
import type { World } from './world.ts'

/** Where the agent of the e2e answers, on the node's network. */
export const AGENT_PORT = 19_465

/** The installer as its DaemonSet runs it: in a privileged container, the node's root at /host. */
export class Agent {
  readonly #world: World
  readonly #pod: Pod

  private constructor(world: World, pod: Pod) {
    this.#world = world
    this.#pod = pod
  }

  /** `settings` become the ConfigMap; `handlerFile` is installed instead of the image's own handler. */
  static async start(
    world: World,
    image: Image,
    kube: FakeKube,
    { settings, handlerFile }: { readonly settings: object; readonly handlerFile?: string },
  ): Promise<Agent> {
    configure(world, settings)
    const pod = await world.runPod({
      namespace: 'coredog-system',
      name: 'coredog-installer',
      privileged: true,
      container: {
        name: 'installer',
        image: image.name,
        user: 0,
        command: [
          HANDLER_IN_IMAGE,
          'installer',
          'run',
          '--config-dir=/etc/coredog-config',
          `--port=${AGENT_PORT}`,
        ],
        environment: {
          NODE_NAME: 'node-1',
          NODE_IP: '10.0.0.7',
          POD_NAMESPACE: 'coredog-system',
          KUBERNETES_SERVICE_HOST: '127.0.0.1',
          KUBERNETES_SERVICE_PORT: String(kube.port),
        },
        mounts: [
          { hostPath: '/', containerPath: '/host' },
          { hostPath: configMap(world), containerPath: '/etc/coredog-config' },
          { hostPath: kube.folder, containerPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
          ...(handlerFile === undefined ? [] : [{ hostPath: handlerFile, containerPath: HANDLER_IN_IMAGE }]),
        ],
      },
    })
    return new Agent(world, pod)
  }

  /** Changes the ConfigMap, whose files the installer has mounted. */
  configure(settings: object): void {
    configure(this.#world, settings)
  }

  /** What `kubectl logs` would show. */
  log(): string {
    const file = path.join(this.#world.dir, 'logs', this.#pod.uid, 'installer/0.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Resolves with the answer to a GET of `where`, once it has the status. */
  async answers(where: string, status = 200): Promise<string> {
    return await eventually(`${status} of ${where}`, 60, async () => {
      const answer = await fetch(`http://127.0.0.1:${AGENT_PORT}${where}`)
      const body = await answer.text()
      if (answer.status !== status) throw new Error(`${answer.status}: ${body}\n${this.log().slice(-2000)}`)
      return body
    })
  }

  /** VmRSS and VmHWM (proc(5)). */
  residentMebibytes(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.#pod.pid}/status`, 'utf8')
    const mebibytesOf = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
    return { now: mebibytesOf('VmRSS'), most: mebibytesOf('VmHWM') }
  }

  /** As the kubelet stops it: SIGTERM, and SIGKILL half a minute later. */
  async stop(): Promise<void> {
    await this.#world.containerd.cri.stopContainer(this.#pod.containerId, 30)
  }

  async kill(): Promise<void> {
    process.kill(this.#pod.pid, 'SIGKILL')
    await eventually('the end of the installer', 20, async () => {
      const { state } = await this.#world.containerd.cri.containerStatus(this.#pod.containerId)
      return state === 'CONTAINER_EXITED' || undefined
    })
  }
}

function configure(world: World, settings: object): void {
  writeConfigMap(configMap(world), { 'coredog.yaml': JSON.stringify(settings) })
}

function configMap({ dir }: World): string {
  return path.join(dir, 'configmap')
}
