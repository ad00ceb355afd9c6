/** One bug on many nodes: one core, one message, and a count of all. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pino } from 'pino'
import { CrashGroup } from '../../groups/crash-group.ts'
import { groupsAmong, type ListedGroup } from '../../groups/listed-group.ts'
import { GroupNotifier } from '../../installer/groups/notifier.ts'
import { KubeClient } from '../../kube/client.ts'
import { Lease } from '../../kube/lease.ts'
import type { Notification } from '../../notify/notification.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../real-s3.ts'
import { all } from '../storage/bodies.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import { ALL_ARGUMENTS } from './handler-on-node.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { NodeOfFleet } from './node-of-fleet.ts'
import type { Pod } from './pod.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const BASE = path.resolve(import.meta.dirname, '../../deploy/base')
const SYSTEM = 'coredog-system'
const NODES = ['n1', 'n2', 'n3'] as const
const PODS = 20
const SIGNAL = new AbortController().signal

const programs = findKubePrograms()
const skip = (programs === null && NO_KUBE) || (process.getuid?.() !== 0 && 'it takes root')

describe('twenty pods of one Deployment on three nodes', { skip, timeout: 900_000 }, () => {
  const everything = new AsyncDisposableStack()
  let world: World
  let store: ObjectStore
  let nodes: readonly NodeOfFleet[]
  let pods: readonly Pod[]

  before(async () => {
    world = everything.use(await openWorld(HANDLER))
    const s3 = (await startVersityGateway()) as RealS3
    assert.ok(s3, NO_GATEWAY)
    everything.defer(() => s3.close())
    const bucket = everything.use(new Bucket(s3))
    const settings = { ...world.settings, StorageConfig: bucket.storageConfig, dedupe: { window: '5m' } }
    const leases = await leasesOf(everything.use(await startKubeCluster(programs!)))
    nodes = NODES.map((name, at) => new NodeOfFleet(path.join(world.dir, name), settings, leases[at]!))
    for (const node of nodes) {
      everything.use(node)
      node.begin()
    }
    store = openStore(nodes[0]!.config.storage)
    await world.setCorePattern(NodeOfFleet.pattern(world.dir, ALL_ARGUMENTS))
    pods = await Promise.all(Array.from({ length: PODS }, (_, number) => run(number)))
    nodes.forEach(
      (node, at) =>
        void node.handPods(pods.flatMap((pod, number) => (number % 3 === at ? handed(pod, number) : []))),
    )
    await eventually('a trial of the store', 60, () => nodes.every(node => node.hasTriedStore) || undefined)
  })
  after(() => everything.disposeAsync())

  it('are one core and one message, and all of them are counted', async () => {
    await pods[0]!.crash()
    await world.chat.message('shop/web')
    for (const pod of pods.slice(1)) await pod.crash()
    const group = await eventually('a count of all', 120, async () => {
      const [found] = await groups()
      const counted = found === undefined ? 0 : await countOf(found)
      return counted === PODS ? found : undefined
    })
    assert.deepEqual([...group.seen.keys()].sort(), [...NODES])
    assert.equal(
      nodes.reduce((sum, node) => sum + node.said('crash stored'), 0),
      1,
    )
    assert.equal(
      nodes.reduce((sum, node) => sum + node.said('crash suppressed'), 0),
      PODS - 1,
    )
    await eventually('nobody waits to be told', 240, async () => {
      const waiting = await Promise.all(nodes.map(node => node.outbox.ids()))
      return waiting.flat().length === 0 || undefined
    })
    assert.equal(world.chat.messages.length, 1)
  })

  it('are told of once more by one node, with how many there were', async () => {
    const told: Notification[] = []
    const notifier = new GroupNotifier({
      store,
      storeDir: nodes[0]!.config.storage.storeDir,
      clusterName: () => 'e2e',
      node: 'n1',
      isToldOf: async () => false,
      tell: async notification => void told.push(notification),
      now: () => new Date(Date.now() + 6 * 60_000),
      log: pino({ level: 'silent' }),
    })
    await Promise.all([notifier.round(SIGNAL), notifier.round(SIGNAL)])
    assert.deepEqual(
      told.map(({ update }) => [update?.crashes, update?.nodes, update?.pods]),
      [[PODS - 1, NODES.length, PODS]],
    )
  })

  const run = (number: number) =>
    world.runPod({
      namespace: 'shop',
      name: `web-${number}`,
      annotations: { 'coredog.io/inject': 'true' },
      container: {
        ...{ name: 'app', image: world.images.crashers.name, command: ['/bin/segfault'] },
        environment: { NODE: NODES[number % NODES.length]! },
      },
    })

  const groups = async (): Promise<readonly ListedGroup[]> => all(groupsAmong(store.list('_groups/')))

  async function countOf({ folder, seen }: ListedGroup): Promise<number> {
    const counts = await new CrashGroup(store, folder).counts([...seen.keys()], SIGNAL)
    return counts.reduce((sum, { crashes }) => sum + crashes, 0)
  }
})

function handed({ uid }: Pod, number: number) {
  return {
    ...{ namespace: 'shop', name: `web-${number}`, uid, labels: {}, containers: [] },
    annotations: { 'coredog.io/inject': 'true' },
    workload: { kind: 'Deployment', name: 'web' },
  }
}

/** As installers have it: by their service account, with the Role of our manifests. */
async function leasesOf(cluster: KubeCluster): Promise<readonly Lease[]> {
  await cluster.addNamespace(SYSTEM)
  for (const name of ['role', 'role-binding'])
    await cluster.kubectl(['apply', `--filename=${path.join(BASE, `${name}.yaml`)}`])
  const access = await cluster.addServiceAccount(SYSTEM, 'coredog-installer')
  return NODES.map(
    holder => new Lease(new KubeClient(access), { namespace: SYSTEM, name: 'coredog-upkeep', holder }),
  )
}
