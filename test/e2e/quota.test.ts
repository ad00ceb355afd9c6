/** A namespace over its quota: what is summed, what a real API server takes, and what the handler keeps. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pino } from 'pino'
import { type KubeEvent, postEvent } from '../../installer/telemetry/events.ts'
import { quotaEvent } from '../../installer/telemetry/quota-event.ts'
import { NamespaceLimits } from '../../installer/upkeep/namespace-limits.ts'
import { QuotaRounds } from '../../installer/upkeep/quota-rounds.ts'
import { KubeClient } from '../../kube/client.ts'
import { FileStore } from '../../storage/file/file-store.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import type { StoredCrash } from './stored-crashes.ts'
import { openWorld, type World } from './world.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const BASE = path.resolve(import.meta.dirname, '../../deploy/base')
const SYSTEM = 'coredog-system'
const log = pino({ enabled: false })

describe('the quota of a namespace', { skip, timeout: 600_000 }, () => {
  let world: World
  let cluster: KubeCluster
  let kube: KubeClient

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    for (const name of [SYSTEM, 'shop']) await cluster.addNamespace(name)
    for (const name of ['cluster-role', 'cluster-role-binding'])
      await cluster.kubectl(['apply', `--filename=${path.join(BASE, `${name}.yaml`)}`])
    kube = new KubeClient(await cluster.addServiceAccount(SYSTEM, 'coredog-installer'))
    world = await openWorld(HANDLER)
    await world.setCorePattern(world.handler.witnessed())
  })
  after(async () => {
    await kube?.close()
    await world?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  it('of one over its annotation stacks are kept in place of the core, and there is an Event on it', async () => {
    world.configure()
    const whole = await crash('whole')
    assert.deepEqual([whole.report.core?.dump, whole.report.core?.quota], [undefined, undefined])

    await cluster.kubectl(['annotate', 'namespace', 'shop', 'coredog.io/quota=4Ki'])
    const posted: Promise<unknown>[] = []
    const onFull = (namespace: string, use: { usedBytes: number; limitBytes: number }) => {
      const event = quotaEvent({ namespace, use, node: 'node-1', time: new Date() })
      if (event !== null) posted.push(postEvent(kube, event, log))
    }
    const store = new FileStore({ protocol: 'cfs', mountPath: world.store.root, storeDir: '' })
    const config = { quota: { namespaceBytes: 2 ** 40 } }
    const sum = { store, config, onFull, clusterNames: () => [], now: () => new Date(), log }
    await eventually('the annotation and the right to read it', 20, async () => {
      await new QuotaRounds({ ...sum, limits: new NamespaceLimits(kube, log) }).doWhatIsDue(
        new AbortController().signal,
      )
      return posted.length > 0 || undefined
    })
    await Promise.all(posted)
    const { items } = await cluster.kube.list<KubeEvent>('/apis/events.k8s.io/v1/namespaces/shop/events')
    assert.deepEqual(
      items.map(({ reason, regarding }) => [reason, regarding.kind, regarding.name]),
      [['CoreDumpQuota', 'Namespace', 'shop']],
    )

    world.configure({ quota: { namespaceBytes: '1Ti' } })
    const lean = await crash('lean')
    const { dump, complete, quota } = lean.report.core ?? {}
    assert.deepEqual([dump, complete, quota?.limitBytes], ['stacks', true, 4096])
    assert.equal(quota?.usedBytes, whole.report.core?.storedBytes)
    assert.ok((lean.report.core?.sizeBytes ?? 0) < (whole.report.core?.sizeBytes ?? 0))
  })

  async function crash(name: string): Promise<StoredCrash> {
    const pod = await world.runPod({
      ...{ namespace: 'shop', name },
      annotations: { 'coredog.io/inject': 'true' },
      container: { name: 'app', image: world.images.crashers.name, command: ['/bin/crowd', '64'] },
    })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    return await world.store.crash(name, report => report.pod?.uid === pod.uid)
  }
})
