import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../free-port.ts'
import { findProgram } from '../installed-program.ts'
import { containerdDirectory } from './containerd.ts'
import { eventually } from './eventually.ts'
import type { KubeCluster } from './kube-cluster.ts'
import { NODE_NAME } from './kubelet.ts'
import { proxyService } from './service-proxy.ts'
import { podLogs } from './workspace.ts'
import type { World } from './world.ts'

/** What runs pods for real, beside the API server. */
export interface NodePrograms {
  readonly controllerManager: string
  readonly scheduler: string
  readonly kubelet: string
}

/** What to say where {@link findNodePrograms} answers `null`. */
export const NO_KUBELET =
  'kubelet, kube-scheduler or kube-controller-manager is not installed; .ci/install builds them'

export function findNodePrograms(): NodePrograms | null {
  const names = ['kube-controller-manager', 'kube-scheduler', 'kubelet']
  const [controllerManager, scheduler, kubelet] = names.map(findProgram)
  return controllerManager && scheduler && kubelet ? { controllerManager, scheduler, kubelet } : null
}

/** The first address of the Services is that of the API server, and, since no node may have a loopback one, of the node. */
const SERVICES = { range: '10.96.0.0/24', first: '10.96.0.1' }

/**
 * What {@link startKubeCluster} needs for {@link startRealNode}: Services that pods can reach, and Pod
 * Security as Talos has it.
 */
export function apiServerArguments(dir: string): string[] {
  const defaults = { enforce: 'baseline', 'enforce-version': 'latest' }
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults,
        },
      },
    ],
  }
  const file = path.join(dir, 'admission.yaml')
  writeFileSync(file, JSON.stringify(configuration))
  return [
    ...['--admission-control-config-file', file, '--service-cluster-ip-range', SERVICES.range],
    // For kubectl exec: nobody resolves the name of the node.
    '--kubelet-preferred-address-types=InternalIP',
  ]
}

const SCRIPT = path.join(import.meta.dirname, 'real-node.sh')
const NETWORK = path.join(import.meta.dirname, 'pod-network.sh')
const START_SECONDS = 120

/** Resolves once this machine is a ready node of `cluster`, with `world`'s containerd. */
export async function startRealNode(
  programs: NodePrograms,
  world: World,
  cluster: KubeCluster,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const dir = path.join(world.dir, 'node')
  mkdirSync(path.join(dir, 'kubelet'), { recursive: true })
  writeFileSync(path.join(dir, 'kubelet.yaml'), JSON.stringify(await kubeletConfiguration(world)))
  writeNetwork(world)
  // After the kubelet, which would start them again.
  opened.defer(() => world.containerd.removePods())
  const stop = await launch(programs, dir, cluster)
  opened.defer(stop)
  opened.use(
    await proxyService(cluster, { namespace: 'default', name: 'kubernetes' }, portOf(cluster.access.url)),
  )
  await eventually('a ready node', START_SECONDS, async () => {
    const { stdout } = await cluster.kubectl(['get', 'node', NODE_NAME])
    return / Ready /.test(stdout) || undefined
  }).catch(cause => {
    const logs = ['kubelet.log', 'kube-controller-manager.log'].map(name => endOf(path.join(dir, name)))
    throw new Error(`Cannot start a node:\n${logs.join('\n')}`, { cause })
  })
  return opened.move()
}

async function launch(
  { controllerManager, scheduler, kubelet }: NodePrograms,
  dir: string,
  cluster: KubeCluster,
): Promise<() => Promise<void>> {
  const clusterDir = path.dirname(cluster.access.caFile ?? '')
  const ports = [await freePort(), await freePort()].map(String)
  const shell = spawn(
    'sh',
    [
      ...[SCRIPT, dir, path.join(clusterDir, 'kubeconfig'), controllerManager, scheduler, kubelet],
      ...[clusterDir, SERVICES.first, ...ports],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true },
  )
  const gone = once(shell, 'exit')
  await eventually('the address of the API server', 20, () => hasAddress(SERVICES.first) || undefined)
  return async () => {
    shell.stdin.end()
    await gone
  }
}

function hasAddress(address: string): boolean {
  // Each address of the machine has a line of its own there: `|-- 10.96.0.1`.
  return readFileSync('/proc/net/fib_trie', 'utf8').includes(`|-- ${address}\n`)
}

/**
 * All that a kubelet writes is in the world's directory; none of it is evicted for want of room on this
 * machine.
 */
async function kubeletConfiguration({ dir, containerd }: World): Promise<object> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerd.socket}`,
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    address: SERVICES.first,
    port: await freePort(),
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    podLogsDir: podLogs(dir),
    volumePluginDir: path.join(dir, 'node/plugins'),
    evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1Mi', 'imagefs.available': '1Mi' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    syncFrequency: '10s',
  }
}

/** The first by its name is the one that containerd takes. */
function writeNetwork({ dir }: World): void {
  const cni = path.join(containerdDirectory(dir), 'cni')
  mkdirSync(path.join(cni, 'addresses'), { recursive: true })
  copyFileSync(NETWORK, path.join(cni, 'bin/pod-network'))
  const network = { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'pod-network' }] }
  writeFileSync(path.join(cni, 'conf/a.conflist'), JSON.stringify(network))
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function endOf(file: string): string {
  return readFileSync(file, 'utf8').slice(-3000)
}
