import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { HANDLER_IN_IMAGE } from './agent-image.ts'
import { writeConfigMap } from './config-map.ts'
import { Cri, type Executed } from './cri.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { type Pod, type PodSpec, runPod } from './pod.ts'
import type { World } from './world.ts'

const SCRIPT = path.join(import.meta.dirname, 'container-node.sh')
const SOCKET = '/run/containerd/containerd.sock'
/** Programs of this machine, which a node of kind has in its image. */
const PROGRAMS = {
  '/usr': '/usr',
  '/bin': '/usr/bin',
  '/sbin': '/usr/sbin',
  '/lib': '/usr/lib',
  '/lib64': '/usr/lib64',
}

/**
 * A node as one of kind: a privileged container with pids, mounts, cgroups, and a container runtime of its own. It
 * ends with the world, as all containers do.
 */
export class ContainerNode implements Disposable {
  readonly name: string
  readonly pod: Pod
  readonly #cri: Cri
  readonly #dir: string
  readonly #port: number
  #agent: Pod | null = null

  private constructor(name: string, pod: Pod, dir: string, port: number) {
    this.name = name
    this.pod = pod
    this.#dir = dir
    this.#port = port
    this.#cri = new Cri(this.path(SOCKET))
  }

  /** The installer's port there: such a node of ours is in the network of this machine. */
  static async start(world: World, name: string, port: number): Promise<ContainerNode> {
    const dir = path.join(world.dir, name)
    for (const made of ['bin', 'cni']) mkdirSync(path.join(dir, made), { recursive: true })
    writeFileSync(path.join(dir, 'containerd.toml'), configuration(dir, world.images.pause))
    const mounts = [
      ...Object.entries(PROGRAMS).map(([containerPath, hostPath]) => ({
        containerPath,
        hostPath,
        readonly: true,
      })),
      { hostPath: path.join(dir, 'bin'), containerPath: '/usr/local/bin' },
      { hostPath: dir, containerPath: dir },
      { hostPath: SCRIPT, containerPath: '/node.sh', readonly: true },
    ]
    const command = ['/bin/unshare', '--cgroup', '/bin/sh', '/node.sh', dir]
    const container = { name: 'node', image: world.images.crashers.name, user: 0, command, mounts }
    const environment = { PATH: '/usr/sbin:/usr/bin' }
    const spec = { namespace: 'nodes', name, privileged: true, container: { ...container, environment } }
    const node = new ContainerNode(name, await world.runPod(spec), dir, port)
    await eventually(`an answer of ${name}'s containerd`, 30, () => node.#cri.version()).catch(cause => {
      throw new Error(['node.log', 'containerd.log'].map(name => endOf(path.join(dir, name))).join(''), {
        cause,
      })
    })
    for (const image of [world.images.pause, world.images.crashers]) await node.import(image)
    return node
  }

  /** Where `file` of the node is for us. */
  path(file: string): string {
    return path.join(`/proc/${this.pod.pid}/root`, file)
  }

  async import({ archive, name }: Image): Promise<void> {
    await execa('ctr', ['--address', this.path(SOCKET), '--namespace', 'k8s.io', 'images', 'import', archive])
    await eventually(`image ${name}`, 20, async () => (await this.#cri.imageStatus(name)) ?? undefined)
  }

  async runPod(spec: PodSpec): Promise<Pod> {
    return await runPod(this.#cri, this.#dir, spec)
  }

  /** The installer as the DaemonSet has it. */
  async startInstaller(image: Image, settings: object): Promise<void> {
    const configMap = path.join(this.#dir, 'configmap')
    writeConfigMap(configMap, { 'coredog.yaml': JSON.stringify(settings) })
    await this.import(image)
    const run = ['run', '--config-dir=/etc/coredog-config', `--port=${this.#port}`]
    this.#agent = await this.runPod({
      namespace: 'coredog-system',
      name: 'coredog-installer',
      privileged: true,
      container: {
        name: 'installer',
        image: image.name,
        user: 0,
        command: [HANDLER_IN_IMAGE, 'installer', ...run],
        environment: { NODE_NAME: this.name },
        mounts: [
          { hostPath: '/', containerPath: '/host', propagation: 'PROPAGATION_HOST_TO_CONTAINER' },
          { hostPath: configMap, containerPath: '/etc/coredog-config' },
        ],
      },
    })
  }

  /** `kubectl exec` in the installer. */
  async installer(...args: readonly string[]): Promise<Executed> {
    return await this.#cri.exec(this.#agent?.containerId ?? '', [HANDLER_IN_IMAGE, 'installer', ...args])
  }

  /** Resolves once /readyz has the status, and says what it is to say. */
  async ready(status = 200, says = /(?:)/): Promise<void> {
    await eventually(`${status} of ${this.name}`, 60, async () => {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/readyz`)
      const body = await answer.text()
      if (answer.status !== status || !says.test(body)) throw new Error(`${answer.status}: ${body}`)
      return true
    })
  }

  /** Whether a container of the node is still there. */
  async state(pod: Pod): Promise<string> {
    return (await this.#cri.containerStatus(pod.containerId)).state
  }

  /** The handlers that run there, by their command lines. */
  handlers(): string[] {
    const folder = this.path('/proc')
    return readdirSync(folder)
      .filter(name => /^\d+$/.test(name))
      .map(name => readFileSync(path.join(folder, name, 'cmdline'), 'utf8'))
      .filter(line => line.startsWith('/usr/local/bin/coredog-handler\0'))
  }

  [Symbol.dispose](): void {
    this.#cri[Symbol.dispose]()
  }
}

function configuration(dir: string, pause: Image): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause.name}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${dir}/cni"
    conf_dir = "${dir}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`
}

function endOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-3000) : ''
}
