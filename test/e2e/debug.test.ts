/** The line of a message, by a reader who has nothing but the message: pod, program and libraries are gone. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import { Bucket } from './bucket.ts'
import type { Pod } from './pod.ts'
import { openWorld, type World } from './world.ts'

const DIST = path.resolve(import.meta.dirname, '../../dist')
/** Where kubectl is, and finds `kubectl-coredog`. */
const PLUGIN_PATH = [DIST, path.dirname(findProgram('kubectl') ?? ''), process.env.PATH].join(':')
const CONSENT = { 'coredog.io/inject': 'true' }
const SOURCE = `#include <stdexcept>
#include <vector>
struct Basket { std::vector<int> items; int total() const { return *(volatile int *)0x18; } };
static int pay(const Basket &basket) { return basket.total() + 1; }
int main() { return pay(Basket{}); }
`

describe('kubectl coredog debug', { timeout: 300_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(path.join(DIST, 'coredog-handler'))
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  it('shows where a program crashed, by the line of its message, from the store alone', async test => {
    await using opened = new AsyncDisposableStack()
    const s3 = await startVersityGateway()
    if (s3 === null) return test.skip(NO_GATEWAY)
    opened.defer(s3.close)
    using bucket = new Bucket(s3)
    const config = { StorageConfig: bucket.storageConfig, cluster: 'lab', collect: { binaries: 'modules' } }
    world.configure({ ...config, downloadLink: 'command' })
    const pod = await crashed('web')
    await bucket.reportOf(pod.uid)
    const configFile = path.join(world.dir, 'reader.yaml')
    writeFileSync(configFile, JSON.stringify(config))
    assertIsStack(await read('web', ['--config', configFile]))
  })

  it('asks Kubernetes, as kubectl does, whose line it is', { skip: NO_API_CLUSTER }, async () => {
    await using cluster = await startApiCluster()
    await cluster.kube.addNamespace('shop')
    const [jane, joe] = [await kubeconfig(cluster, 'jane'), await kubeconfig(cluster, 'joe')]
    await cluster.bind('system:serviceaccount:shop:jane', 'coredog-downloader', 'shop')
    const stored = JSON.parse(readFileSync(cluster.configFile, 'utf8'))
    world.configure({ ...stored, collect: { binaries: 'modules' }, downloadLink: 'command' })
    await crashed('cart')
    assertIsStack(await read('cart', [], { CONFIG: cluster.configFile, KUBECONFIG: jane }))
    assert.match(
      await read('cart', [], { CONFIG: cluster.configFile, KUBECONFIG: joe }),
      /^error: [^\n]*forbidden/,
    )
  })

  async function kubeconfig({ kube, kubeconfigOf }: ApiCluster, name: string): Promise<string> {
    return kubeconfigOf(await kube.addServiceAccount('shop', name))
  }

  /** Once it is over, nothing of it is left on this machine. */
  async function crashed(name: string): Promise<Pod> {
    const image = path.join(world.dir, `image-of-${name}`)
    await build(image)
    const mounts = ['app', 'lib64', 'lib'].map(each => {
      return { containerPath: `/${each}`, hostPath: path.join(image, each) }
    })
    const container = { name: 'app', image: world.images.crashers.name, command: ['/app/shop'], mounts }
    const pod = await world.runPod({ namespace: 'shop', name, annotations: CONSENT, container })
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    await forget(pod)
    await rm(image, { recursive: true })
    return pod
  }

  async function forget({ containerId, sandboxId }: Pod): Promise<void> {
    const { cri } = world.containerd
    await cri.removeContainer(containerId)
    await cri.stopPodSandbox(sandboxId)
    await cri.removePodSandbox(sandboxId)
  }

  /** What the reader sees of the debugger. `options` say where the crash is. */
  async function read(name: string, options: readonly string[], environment = {}): Promise<string> {
    const message = JSON.stringify(await world.chat.message(name, 'kubectl coredog debug'))
    assert.doesNotMatch(message, /X-Amz-Signature/)
    const [line = ''] = /kubectl coredog debug [0-9a-f]{12} -n shop/.exec(message) ?? []
    const batch = ['--batch', '-ex', 'bt', '-ex', "'info sharedlibrary'"]
    const env = {
      XDG_CACHE_HOME: mkdtempSync(path.join(world.dir, 'cache-')),
      PATH: PLUGIN_PATH,
      ...environment,
    }
    const command = [line, ...options, ...batch].join(' ')
    const { stdout, stderr } = await execa('sh', ['-c', command], { env, reject: false })
    return `${stderr}\n${stdout}`
  }
})

/** As an image has them: its own files, and none of this machine's. */
async function build(image: string): Promise<void> {
  const app = path.join(image, 'app')
  await mkdir(app, { recursive: true })
  const program = path.join(app, 'shop')
  await execa('g++', ['-g', '-O0', '-x', 'c++', '-', '-o', program], { input: SOURCE })
  const { stdout } = await execa('ldd', [program])
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g))
    cpSync(library, path.join(image, library), { dereference: true, recursive: true })
}

function assertIsStack(shown: string): void {
  assert.match(shown, /^#0 .*Basket::total\b.*:3\n#1 .*\bpay\b[^#]*:4\n#2 .*\bmain\b[^#]*:5$/m)
  const libraries = [...shown.matchAll(/^0x.*\s(\/\S+\.so\S*)$/gm)].map(([, file]) => file)
  assert.ok(libraries.length >= 3, shown)
  for (const library of libraries) assert.match(library ?? '', /\/coredog\/crashes\//)
}
