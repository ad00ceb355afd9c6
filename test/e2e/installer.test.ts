/** The installer on a real node: this machine, its kernel, and a container as the DaemonSet starts it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseMemInfo } from '../../crash/meminfo.ts'
import { HANDLER_CGROUP } from '../../installer/node/handler-cgroup.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type FakeKube, startFakeKube } from '../fakes/fake-kube.ts'
import { Agent } from './agent.ts'
import { buildAgentImage } from './agent-image.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { nodeFiles } from './node-files.ts'
import type { StoredCrash } from './stored-crashes.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const OURS = /^\|\/\S+\/coredog-handler %P %e %t/

const DAEMON_SET: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'coredog-system', name: 'coredog-installer', uid: 'daemonset-uid' },
}

const GIB = 2 ** 30
/** What the request of the DaemonSet is made for. */
const MOST_IDLE_MEBIBYTES = 80
/** Of what it had at its start. */
const MOST_LEFT = 0.85
const PAGE_BYTES = 4096

/** Of the first file with one of these names that the cgroup of the handlers has, in any hierarchy. */
function valueInCgroup(names: readonly string[]): number {
  const [file = ''] = names.flatMap(name => globSync(`/sys/fs/cgroup/{,*/}${HANDLER_CGROUP}/${name}`))
  return Number(readFileSync(file, 'utf8'))
}

describe('coredog-installer', { timeout: 600_000 }, () => {
  let world: World
  let kube: FakeKube
  let image: Image
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }

  before(async () => {
    world = await openWorld(HANDLER)
    await removeEarlierInstallation()
    found = { settings: readKernelSettings(), files: nodeFiles() }
    kube = await startFakeKube({ objects: [DAEMON_SET], tls: true, namespace: 'coredog-system' })
    image = await buildAgentImage(world.dir)
    await world.containerd.import(image)
  })
  after(async () => {
    await kube?.close()
    await removeEarlierInstallation()
    await world?.[Symbol.asyncDispose]()
  })

  function start(handlerFile?: string): Promise<Agent> {
    const settings = { ...world.settings, metrics: { namespaces: true } }
    return Agent.start(world, image, kube, { settings, ...(handlerFile && { handlerFile }) })
  }

  /** The path that the kernel starts. */
  function installed(): string {
    return readKernelSettings().pattern.slice(1).split(' ')[0] ?? ''
  }

  async function crash(name: string, mebibytes = 1): Promise<() => Promise<StoredCrash>> {
    const pod = await world.runPod({
      namespace: 'shop',
      name,
      annotations: { 'coredog.io/inject': 'true' },
      container: {
        name: 'app',
        image: world.images.crashers.name,
        command: ['/bin/heap', String(mebibytes)],
      },
    })
    await pod.crash()
    return () => world.store.crash(`the crash of ${name}`, ({ pod: owner }) => owner?.uid === pod.uid)
  }

  it('sets the node up, and a crash is collected, told and counted', async () => {
    const agent = await start()
    await agent.answers('/readyz')
    assert.match(readKernelSettings().pattern, OURS)
    // What was placed beside it is what it carries.
    const said = execFileSync(installed(), ['--version'], { encoding: 'utf8' })
    assert.match(said, new RegExp(`^gzip by ISA-L .*, from ${path.dirname(installed())}$`, 'm'))
    const { report } = await (await crash('first'))()
    assert.equal(report.core?.complete, true)
    assert.equal(report.node?.name, 'node-1')
    await eventually('the Event of the crash', 30, () =>
      kube.events.find(({ reason }) => reason === 'CoreDumped'),
    )
    await eventually(
      'the crash in the metrics',
      30,
      async () =>
        /^coredog_coredumps_total\{[^}]*namespace="shop"[^}]*\} 1$/m.test(await agent.answers('/metrics')) ||
        undefined,
    )
    assert.match(agent.log(), /crash stored/)
    const { totalBytes = 0 } = parseMemInfo(readFileSync('/proc/meminfo', 'utf8')) ?? {}
    const lent = Math.min(4 * GIB, Math.max(GIB / 4, totalBytes / 8))
    // The kernel counts in pages.
    const limit = Math.floor((GIB + lent) / PAGE_BYTES) * PAGE_BYTES
    assert.equal(valueInCgroup(['memory.max', 'memory.limit_in_bytes']), limit)
    assert.equal(valueInCgroup(['memory.swap.max', 'memory.swappiness']), 0)
    await agent.stop()
  })

  it('takes little memory once it has given back what it needed to start', async t => {
    const agent = await start()
    await agent.answers('/readyz')
    const { now, most } = await eventually('pages that are given back', 150, () => {
      const resident = agent.residentMebibytes()
      return resident.now < resident.most * MOST_LEFT ? resident : undefined
    })
    t.diagnostic(`${now} MiB, ${most} at most`)
    assert.ok(now <= MOST_IDLE_MEBIBYTES, `it has ${now} MiB`)
    await agent.stop()
  })

  it('leaves the node collecting when it is stopped, killed and upgraded, also while a dump runs', async () => {
    const newer = path.join(world.dir, 'newer-handler')
    copyFileSync(HANDLER, newer)
    appendFileSync(newer, 'newer')
    const agent = await start()
    await agent.answers('/readyz')
    await agent.kill()
    assert.match(readKernelSettings().pattern, OURS)
    const running = await crash('while-it-is-upgraded', 1024)
    const upgraded = await start(newer)
    await upgraded.answers('/readyz')
    assert.equal(statSync(installed()).size, statSync(newer).size)
    assert.equal((await running()).report.core?.complete, true)
    assert.equal((await (await crash('after'))()).report.core?.complete, true)
    await upgraded.stop()
    assert.match(readKernelSettings().pattern, OURS)
  })

  it('leaves the node by itself when nobody has been there for long, and nothing is lost on the way', async () => {
    const heartbeat = { time: '2026-01-01T00:00:00.000Z', uninstallAfterSeconds: 3600 }
    writeFileSync('/run/coredog/heartbeat.json', JSON.stringify(heartbeat), { mode: 0o600 })
    await crash('abandoned')
    // The handler writes one after the other.
    await eventually('the settings from before', 30, () => {
      assert.deepEqual(readKernelSettings(), found.settings)
      return true
    })
  })

  it('puts everything back when the DaemonSet is deleted', async () => {
    const agent = await start()
    await agent.answers('/readyz')
    kube.remove(DAEMON_SET)
    await agent.stop()
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
  })

  it('does not touch the node for a configuration that cannot be used, and says what is wrong with it', async () => {
    const agent = await Agent.start(world, image, kube, { settings: { StorageConfig: { protocol: 'ftp' } } })
    assert.match(await agent.answers('/readyz', 503), /configuration/)
    await agent.answers('/healthz')
    assert.deepEqual(readKernelSettings(), found.settings)
    const event = await eventually('the Event on the node', 30, () =>
      kube.events.find(({ reason }) => reason === 'ConfigurationRefused'),
    )
    assert.match(event.note ?? '', /StorageConfig\.protocol.*ftp/)
    await agent.stop()
    assert.deepEqual(nodeFiles(), found.files)
  })
})
