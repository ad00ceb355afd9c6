/**
 * Nodes as those of kind, k3d and minikube: containers on one kernel, whose core_pattern is the machine's. Each has a
 * container runtime of its own, and an installer as the DaemonSet has it; the machine is installed by one command.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../real-s3.ts'
import { buildAgentImage, HANDLER_IN_IMAGE } from './agent-image.ts'
import { Bucket } from './bucket.ts'
import { ContainerNode } from './container-node.ts'
import { eventually } from './eventually.ts'
import { compile, type Image } from './images.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { nodeFiles } from './node-files.ts'
import type { PodSpec } from './pod.ts'
import { podLogs } from './workspace.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const skip = findProgram('versitygw') === null && NO_GATEWAY
const MACHINES = /^\|\/\S+\/coredog-handler --container-nodes %P %e %t/

describe('nodes that are containers', { timeout: 900_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let bucket: Bucket
  let s3: RealS3
  let agent: Image
  let nodes: readonly [ContainerNode, ContainerNode]
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    await removeEarlierInstallation()
    opened.defer(removeEarlierInstallation)
    s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    bucket = opened.use(new Bucket(s3))
    agent = await buildAgentImage(world.dir)
    await world.containerd.import(agent)
    // What was there before: it says whom it got.
    writeFileSync(path.join(world.dir, 'b'), `#!/bin/sh\ncat > ${world.dir}/before-$1\n`, { mode: 0o755 })
    await world.setCorePattern(`|${world.dir}/b %P`)
    found = { settings: readKernelSettings(), files: nodeFiles() }
    const [a, b] = [
      await ContainerNode.start(world, 'node-a', 19_471),
      await ContainerNode.start(world, 'node-b', 19_472),
    ]
    nodes = [opened.use(a), opened.use(b)]
  })
  after(() => opened.disposeAsync())

  /** As `docker run --rm --privileged --user 0 --pid host IMAGE installer …` on the machine. */
  async function onMachine(...args: readonly string[]): Promise<{ exitCode: number; said: string }> {
    const name = `machine-${args[0]}`
    const pod = await world.runPod({
      namespace: 'machine',
      name,
      privileged: true,
      hostPid: true,
      container: {
        name,
        image: agent.name,
        user: 0,
        command: [HANDLER_IN_IMAGE, 'installer', ...args],
      },
    })
    const { exitCode } = await eventually(`the end of ${name}`, 60, async () => {
      const status = await world.containerd.cri.containerStatus(pod.containerId)
      return status.state === 'CONTAINER_EXITED' ? status : undefined
    })
    return { exitCode, said: readFileSync(path.join(podLogs(world.dir), pod.uid, name, '0.log'), 'utf8') }
  }

  function settings(): object {
    return { ...world.settings, StorageConfig: bucket.storageConfig, cri: undefined }
  }

  function crasher(name: string, command = ['/bin/segfault']): PodSpec {
    const container = { name: 'app', image: world.images.crashers.name, command }
    const annotations = { 'coredog.io/inject': 'true' }
    return { namespace: 'shop', name, annotations, hostNetwork: true, container }
  }

  /** Resolves once the handler of before has one more crash than now, which `crash` makes. */
  async function isGotBefore(crash: () => Promise<unknown>): Promise<void> {
    const got = () => readdirSync(world.dir).filter(name => name.startsWith('before-')).length
    const before = got()
    await crash()
    await eventually('a crash at the handler of before', 30, () => (got() > before ? true : undefined))
  }

  it('say what is to be run on the machine, and change nothing of it', async () => {
    for (const node of nodes) await node.startInstaller(agent, settings())
    for (const node of nodes) {
      await node.ready(503, /this node is a container.*installer install --container-nodes/)
      const { exitCode, stdout } = await node.installer('status')
      assert.equal(exitCode, 1)
      assert.match(stdout, /this node is a container/)
      assert.ok(existsSync(node.path('/usr/local/bin/coredog-handler')))
      const refused = await node.installer('install', '--container-nodes')
      assert.equal(refused.exitCode, 1)
      assert.match(refused.stderr, /this is a container itself/)
    }
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
  })

  it('are ready once one command was run on the machine', async () => {
    const { exitCode, said } = await onMachine('install', '--container-nodes')
    assert.equal(exitCode, 0, said)
    assert.match(readKernelSettings().pattern, MACHINES)
    for (const node of nodes) {
      await node.ready()
      const { exitCode, stdout } = await node.installer('status')
      assert.equal(exitCode, 0, stdout)
    }
    const status = await onMachine('status')
    assert.equal(status.exitCode, 0, status.said)
  })

  it('have their crashes kept whole, each by its own handler', async () => {
    const pods = await Promise.all(
      nodes.map(node => node.runPod(crasher(`of-${node.name}`, ['/bin/heap', '48']))),
    )
    await Promise.all(pods.map(pod => pod.crash()))
    for (const [at, pod] of pods.entries()) {
      const report = await bucket.reportOf(pod.uid)
      const name = nodes[at]?.name
      assert.deepEqual([report.pod?.namespace, report.pod?.name], ['shop', `of-${name}`])
      assert.deepEqual([report.container?.name, report.node?.name], ['app', name])
      assert.deepEqual([report.core?.complete, report.signal?.name], [true, 'SIGSEGV'])
      assert.equal((await bucket.sizes()).get(report.core?.key ?? ''), report.core?.storedBytes)
      assert.ok((report.core?.sizeBytes ?? 0) > 48 * 2 ** 20)
      assert.doesNotMatch(report.core?.key ?? '', /_unverified|_host/)
    }
  })

  it('are held no longer than their core is read, and not by the handler of the machine', async () => {
    const [node] = nodes
    const pod = await node.runPod(crasher('slow-store'))
    const [gateway = 0] = processes(line => line.includes(new URL(s3.endpoint).host))
    process.kill(gateway, 'SIGSTOP')
    try {
      await pod.crash()
      await eventually('the end of a process that is held no more', 30, async () =>
        (await node.state(pod)) === 'CONTAINER_EXITED' ? true : undefined,
      )
      await eventually('the end of the handler of the machine', 30, () =>
        processes(line => line.includes('coredog-handler\0--container-nodes')).length === 0
          ? true
          : undefined,
      )
      assert.equal(node.handlers().length, 1)
    } finally {
      process.kill(gateway, 'SIGCONT')
    }
    assert.equal((await bucket.reportOf(pod.uid)).core?.complete, true)
  })

  it('leave the processes of the machine, and of other containers, to who had them', async () => {
    await isGotBefore(() => execa(path.join(world.images.programs, 'segfault'), { reject: false }))
    const other = await world.runPod({ ...crasher('no-node'), hostNetwork: false })
    await isGotBefore(() => other.crash())
  })

  it('are none without being root of the machine, whatever lies in them', async () => {
    const [run, bin] = await pretend('container')
    const pod = await world.runPod(pretender('container', run, bin))
    await isGotBefore(() => pod.crash())
    assert.ok(!existsSync(path.join(bin, 'entered')))
  })

  it('are none in a user namespace, where all rights are worth nothing', async () => {
    const [run, bin] = await pretend('user')
    const script = `mount --bind ${run} /run && mount --bind ${bin} /usr/local/bin && ${world.images.programs}/child fault & wait $!`
    const unshare = [
      '--user',
      '--map-root-user',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ]
    const child = execa('unshare', [...unshare, 'sh', '-c', script], { reject: false })
    await isGotBefore(async () => undefined)
    child.kill('SIGKILL')
    await child
    assert.ok(!existsSync(path.join(bin, 'entered')))
  })

  it('are all that is root of the machine, and has what an installer says: so the others were told apart', async () => {
    const [run, bin] = await pretend('root')
    const pod = await world.runPod({ ...pretender('root', run, bin), privileged: true })
    await pod.crash()
    await eventually('the program of a privileged container', 30, () =>
      existsSync(path.join(bin, 'entered')) ? true : undefined,
    )
  })

  it('say again what is to be run, once the machine is as it was', async () => {
    const { exitCode, said } = await onMachine('restore')
    assert.equal(exitCode, 0, said)
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
    for (const node of nodes) await node.ready(503, /this node is a container/)
  })

  /** What an installer leaves in a node, and a program that says that it was run. */
  async function pretend(name: string): Promise<[run: string, bin: string]> {
    const [run, bin] = ['run', 'bin'].map(folder => path.join(world.dir, `pretended-${name}`, folder)) as [
      string,
      string,
    ]
    for (const folder of [path.join(run, 'coredog'), bin]) mkdirSync(folder, { recursive: true, mode: 0o755 })
    const shown = { version: 1, handler: '/usr/local/bin/coredog-handler' }
    writeFileSync(path.join(run, 'coredog/container-node.json'), JSON.stringify(shown))
    await compile(path.join(import.meta.dirname, 'entered.c'), path.join(bin, 'coredog-handler'))
    return [run, bin]
  }

  /** The first process lives on when its child crashes. */
  function pretender(name: string, run: string, bin: string): PodSpec {
    const mounts = [
      { hostPath: run, containerPath: '/run' },
      { hostPath: bin, containerPath: '/usr/local/bin' },
    ]
    const { container, ...spec } = crasher(`pretender-${name}`, ['/bin/child', 'fault'])
    return { ...spec, container: { ...container, user: 0, mounts } }
  }
})

/** Of this machine, by their command lines. */
function processes(isOne: (line: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && isOne(commandLine(name)))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
