import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { Cri } from './cri.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'

/** Of containerd's directory: a file for each pod, with the name of its network namespace. */
const NETWORK_NAMESPACES = 'cni/namespaces'

/** A container runtime of our own, beside any other on this machine: own root, state, socket, images. */
export class Containerd implements AsyncDisposable {
  readonly socket: string
  readonly cri: Cri
  readonly #daemon: ChildProcess

  private constructor(socket: string, daemon: ChildProcess) {
    this.socket = socket
    this.cri = new Cri(socket)
    this.#daemon = daemon
  }

  /** All of it lives in a directory of `workspace`, which clearWorkspace can remove at any time. */
  static async start(workspace: string, pause: Image): Promise<Containerd> {
    const dir = containerdDirectory(workspace)
    mkdirSync(dir)
    const socket = path.join(dir, 's')
    const config = path.join(dir, 'containerd.toml')
    writeFileSync(config, configuration(dir, socket, pause))
    writeNetworkPlugins(dir)
    const log = openSync(path.join(dir, 'containerd.log'), 'w')
    const daemon = spawn('containerd', ['--config', config], { stdio: ['ignore', log, log] })
    const containerd = new Containerd(socket, daemon)
    await eventually('an answer of containerd', 30, () => containerd.cri.version())
    await containerd.import(pause)
    return containerd
  }

  /** Resolves once the CRI knows the image, which is a little after containerd does. */
  async import(image: Image): Promise<void> {
    await execa('ctr', ['--address', this.socket, '--namespace', 'k8s.io', 'images', 'import', image.archive])
    await eventually(
      `image ${image.name}`,
      20,
      async () => (await this.cri.imageStatus(image.name)) ?? undefined,
    )
  }

  /** Removes every pod, as a kubelet would. */
  async removePods(): Promise<void> {
    await removeAllPods(this.cri)
  }

  /** Removes every pod, and ends the daemon. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.removePods()
    this.cri[Symbol.dispose]()
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return
    const exited = once(this.#daemon, 'exit')
    this.#daemon.kill('SIGTERM')
    await exited
  }
}

/** Where all of a workspace's containerd is; its bundles are in `state`. */
export function containerdDirectory(workspace: string): string {
  return path.join(workspace, 'r')
}

/** The names of the network namespaces that pods of a workspace have, as `ip netns` knows them. */
export function networkNamespaces(workspace: string): string[] {
  const dir = path.join(containerdDirectory(workspace), NETWORK_NAMESPACES)
  if (!existsSync(dir)) return []
  return readdirSync(dir)
    .map(id => readFileSync(path.join(dir, id), 'utf8').trim())
    .filter(name => name !== '') // killed before it was written
}

async function removeAllPods(cri: Cri): Promise<void> {
  for (const id of await cri.listContainers()) await cri.removeContainer(id)
  for (const id of await cri.listPodSandboxes()) {
    await cri.stopPodSandbox(id)
    await cri.removePodSandbox(id)
  }
}

function configuration(dir: string, socket: string, pause: Image): string {
  // restrict_oom_score_adj: where CAP_SYS_RESOURCE is missing, runc cannot give the sandbox its -998, and
  // says "can't get final child's PID from pipe: EOF".
  return `version = 2
root = "${dir}/root"
state = "${dir}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause.name}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${dir}/cni/bin"
    conf_dir = "${dir}/cni/conf"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "${dir}/runc"
`
}

/**
 * A pod that is not on the host's network has a network and a host name of its own. Nothing here talks
 * over it, so the plugin that a CNI asks for only says that all is well, and remembers what is there.
 * containerd asks the one called loopback whatever the network is.
 */
function writeNetworkPlugins(dir: string): void {
  const namespaces = path.join(dir, NETWORK_NAMESPACES)
  const plugin = `#!/bin/sh
case $CNI_COMMAND in
ADD)
  basename "$CNI_NETNS" > "${namespaces}/$CNI_CONTAINERID"
  echo '{"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "192.0.2.2/24"}]}'
  ;;
DEL) rm -f "${namespaces}/$CNI_CONTAINERID" ;;
esac
`
  mkdirSync(namespaces, { recursive: true })
  mkdirSync(path.join(dir, 'cni/bin'), { recursive: true })
  mkdirSync(path.join(dir, 'cni/conf'), { recursive: true })
  for (const name of ['loopback', 'nothing']) {
    writeFileSync(path.join(dir, 'cni/bin', name), plugin, { mode: 0o755 })
  }
  const network = { cniVersion: '0.4.0', name: 'e2e', plugins: [{ type: 'nothing' }] }
  writeFileSync(path.join(dir, 'cni/conf/e2e.conflist'), JSON.stringify(network))
}
