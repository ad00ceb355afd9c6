/**
 * What `kubectl coredog` sees of nodes and pods in a cluster whose every part is real: status, doctor and test ask
 * installers by way of the API server, as an administrator and as people with few rights.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { objectsOf } from '../deploy/objects.ts'
import { eventually } from './eventually.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { NODE_NAME } from './kubelet.ts'
import { apiServerArguments, findNodePrograms, NO_KUBELET, startRealNode } from './real-node.ts'
import { packReleases } from './release-images.ts'
import { openWorld, type World } from './world.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const HANDLER = path.join(ROOT, 'dist/coredog-handler')
const NAMES = { current: 'ghcr.io/coredog/coredog:0.1.0', next: 'ghcr.io/coredog/coredog:0.1.1' }
const SECONDS = 120

const programs = findKubePrograms()
const nodePrograms = findNodePrograms()
const skip = (programs === null && NO_KUBE) || (nodePrograms === null && NO_KUBELET)

describe('kubectl coredog in a cluster with a kubelet', { timeout: 600_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let cluster: KubeCluster

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    await removeEarlierInstallation()
    opened.defer(removeEarlierInstallation)
    await world.containerd.import((await packReleases(NAMES, world.dir)).current)
    cluster = opened.use(await startKubeCluster(programs!, apiServerArguments(world.dir))) // skipped without it
    opened.use(await startRealNode(nodePrograms!, world, cluster)) // the same
    await install()
  })
  after(() => opened.disposeAsync())

  it('status shows the node, whose store was tried', async () => {
    const { exitCode, stdout, stderr } = await coredog('status')
    assert.match(stdout, /^NODE +VERSION +PATTERN +STORE +SPOOL +LAST CRASH +PROBLEMS$/m)
    assert.match(stdout, new RegExp(`^${NODE_NAME} +0\\.1\\.0 +ours +ok +- +- +-$`, 'm'))
    assert.deepEqual([exitCode, stderr], [0, ''])
  })

  it('status and doctor see all of it with the roles that come with CoreDog', async () => {
    const names = ['--role=coredog-operator', '--user=operator']
    await cluster.kubectl(['-n', 'coredog-system', 'create', 'rolebinding', 'operators', ...names])
    const clusterNames = ['--clusterrole=coredog-operator', '--user=operator']
    await cluster.kubectl(['create', 'clusterrolebinding', 'operators', ...clusterNames])
    for (const command of ['status', 'doctor']) {
      const { exitCode, stdout, stderr } = await coredog(command, '--as=operator')
      assert.doesNotMatch(stdout, /\?/)
      assert.deepEqual([exitCode, stderr], [0, ''])
    }
  })

  it('status says what it does not see to people who may only list pods', async () => {
    await may('looker', 'coredog-system', 'get,list', 'pods')
    const { exitCode, stdout, stderr } = await coredog('status', '--as=looker')
    assert.match(stdout, new RegExp(`^${NODE_NAME} +0\\.1\\.0 +\\? +\\? +\\? +\\? +-$`, 'm'))
    assert.match(stderr, /^The installers could not be asked,/m)
    assert.match(stderr, /You may not|cannot get resource|forbidden/i)
    assert.equal(exitCode, 0)
    assert.equal((await coredog('status', '--as=nobody')).exitCode, 4)
  })

  it('doctor says of a pod that asked that a crash would be collected, and its processes are seen', async () => {
    await run('sleeper', { annotations: { 'coredog.io/inject': 'true' }, command: ['/bin/pause'] })
    const { exitCode, stdout } = await seen('sleeper')
    assert.match(stdout, /^✓ crashes of app are wanted/m)
    assert.match(stdout, /^✓ the kernel makes a core of the processes of app \(it has 1\)$/m)
    assert.match(stdout, /would be collected\.\n$/)
    assert.equal(exitCode, 0)
  })

  it('doctor sees a core limit of one byte, and signals that a program ignores', async () => {
    const command = ['/bin/limits-cores']
    await run('marked', { annotations: { 'coredog.io/inject': 'true' }, command })
    const { exitCode, stdout } = await seen('marked')
    assert.match(stdout, /^✗ process 1 of app has a core limit of 1 byte/m)
    assert.match(stdout, /^! process 1 of app ignores SIGABRT/m)
    assert.equal(exitCode, 1)
  })

  it('doctor says why nobody asked for a pod', async () => {
    await run('silent', { command: ['/bin/pause'] })
    const { exitCode, stdout } = await seen('silent')
    assert.match(stdout, /^✗ crashes of app are not wanted: annotation coredog\.io\/inject not found$/m)
    assert.equal(exitCode, 1)
  })

  it('doctor says that what was OOMKilled, and what ended by itself, made no core', async () => {
    const annotations = { 'coredog.io/inject': 'true' }
    await run('hungry', { annotations, command: ['/bin/heap', '256'], memory: '32Mi' })
    await run('tired', { annotations, command: ['/bin/limitless'] })
    await eventually('the end of both', SECONDS, async () => {
      const ends = await Promise.all(['hungry', 'tired'].map(endOf))
      return ends.every(end => end !== '') || undefined
    })
    // containerd now and then misses that it was for memory, and tells of the signal alone.
    const why =
      /^! app ended at .* (?:for want of memory \(OOMKilled\)|of SIGKILL, of which there is no core)/m
    assert.match((await coredog('doctor', 'pod/hungry')).stdout, why)
    assert.match(
      (await coredog('doctor', 'pod/tired')).stdout,
      /^! app ended at .* by itself with exit code 97/m,
    )
  })

  it('doctor works for people who may read pods of their namespace, and no more', async () => {
    await may('tenant', 'default', 'get', 'pods')
    const { exitCode, stdout } = await coredog('doctor', 'pod/sleeper', '--as=tenant')
    assert.match(stdout, /^\? whether the node node-1 is ready: /m)
    assert.match(stdout, /^\? whether CoreDog is on the node: /m)
    assert.match(stdout, /would be collected, as far as could be seen\.\n$/)
    assert.equal(exitCode, 0)
    assert.equal((await coredog('doctor', 'pod/sleeper', '--as=nobody')).exitCode, 4)
  })

  it('doctor of the cluster says that its API is not installed, which may be', async () => {
    const { exitCode, stdout } = await coredog('doctor')
    assert.match(stdout, /^✓ a crash on any of the 1 nodes would be collected\n✓ the store took an object/)
    assert.match(stdout, /^! coredog-api is not installed/m)
    assert.equal(exitCode, 0)
  })

  it('test crashes where Pod Security is restricted, follows the core to store and chat, and leaves nothing', async () => {
    await cluster.kubectl(['create', 'namespace', 'shop'])
    await cluster.kubectl(['label', 'namespace', 'shop', 'pod-security.kubernetes.io/enforce=restricted'])
    const { exitCode, stdout, stderr } = await coredog('test', '-n', 'shop')
    assert.match(stdout, /s {2}its process crashed \(exit code 134\)$/m, stderr)
    assert.match(stdout, /s {2}CoreDumped: Process ".*" of container "crash" died of SIGABRT/m)
    assert.match(stdout, /s {2}the chats were told: no message waits on the node$/m)
    assert.match(stdout, /s {2}removed the job coredog-test-\w+\n$/)
    assert.equal(exitCode, 0, stderr)
    const { report } = await world.store.crash(
      'the crash of the test',
      ({ pod }) => pod?.namespace === 'shop',
    )
    assert.deepEqual([report.signal?.name, report.core?.complete], ['SIGABRT', true])
    await nothingLeft('shop')
  })

  it('test leaves nothing when it is interrupted', async () => {
    const { exitCode, stdout } = await coredogUntil(/created the job/, 'test', '-n', 'shop')
    assert.match(stdout, /removed the job coredog-test-\w+\n$/)
    assert.notEqual(exitCode, 0)
    await nothingLeft('shop')
  })

  async function install(): Promise<void> {
    const settings = {
      ...world.settings,
      cri: { sockets: [world.containerd.socket] },
      collect: { pods: 'annotated' },
    }
    const objects = objectsOf('coredog.yaml').map(object =>
      object.kind === 'ConfigMap' ? { ...object, data: { 'coredog.yaml': stringify(settings) } } : object,
    )
    const file = path.join(world.dir, 'coredog.yaml')
    writeFileSync(file, objects.map(object => stringify(object)).join('---\n'))
    await cluster.kubectl(['apply', '-f', file])
    await eventually('a ready installer', SECONDS, async () => {
      const ready = ['get', 'daemonset', 'coredog-installer', '-o', 'jsonpath={.status.numberReady}']
      return (await cluster.kubectl(['-n', 'coredog-system', ...ready])).stdout === '1' || undefined
    })
  }

  async function may(user: string, namespace: string, verbs: string, resource: string): Promise<void> {
    await cluster.kubectl([
      '-n',
      namespace,
      'create',
      'role',
      user,
      `--verb=${verbs}`,
      `--resource=${resource}`,
    ])
    await cluster.kubectl([
      '-n',
      namespace,
      'create',
      'rolebinding',
      user,
      `--role=${user}`,
      `--user=${user}`,
    ])
  }

  interface Run {
    readonly command: readonly string[]
    readonly annotations?: object
    readonly memory?: string
  }

  async function run(name: string, { command, annotations = {}, memory = '64Mi' }: Run): Promise<void> {
    const container = {
      name: 'app',
      image: world.images.crashers.name,
      command,
      resources: { limits: { memory } },
    }
    await cluster.kubectl(['apply', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name, annotations },
      spec: { restartPolicy: 'Never', shareProcessNamespace: false, containers: [container] },
    })
  }

  /** Once its node has told of it. */
  async function seen(name: string): Promise<Ended> {
    return await eventually(`what is seen of ${name}`, SECONDS, async () => {
      const ended = await coredog('doctor', `pod/${name}`)
      // The last: it has begun, and its program has not.
      if (/does not know|does not run|on no node|no process of it/.test(ended.stdout))
        throw new Error(ended.stdout)
      return ended
    })
  }

  async function endOf(name: string): Promise<string> {
    const reason = 'jsonpath={.status.containerStatuses[0].state.terminated.reason}'
    return (await cluster.kubectl(['get', 'pod', name, '-o', reason])).stdout
  }

  async function nothingLeft(namespace: string): Promise<void> {
    await eventually(`nothing in ${namespace}`, SECONDS, async () => {
      const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'jobs,pods', '-o', 'name'])
      return stdout === '' || undefined
    })
  }

  function coredog(...args: readonly string[]): Promise<Ended> {
    return coredogUntil(null, ...args)
  }

  /** Interrupts it once it says so. */
  async function coredogUntil(said: RegExp | null, ...args: readonly string[]): Promise<Ended> {
    const kubeconfig = path.join(path.dirname(cluster.access.caFile ?? ''), 'kubeconfig')
    const program = spawn(process.execPath, [
      path.join(ROOT, 'cli/main.ts'),
      ...args,
      `--kubeconfig=${kubeconfig}`,
    ])
    let heard = ''
    program.stdout.on('data', (chunk: Buffer) => {
      heard += chunk
      if (said?.test(heard) === true) program.kill('SIGINT')
    })
    const [stderr, [exitCode]] = await Promise.all([text(program.stderr), once(program, 'close')])
    return { exitCode, stdout: heard, stderr }
  }
})

interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}
