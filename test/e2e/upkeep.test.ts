/** What one installer does for all of a cluster: who has the Lease removes, sums and compacts, and the others do not. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import { indexedFolder } from '../../crash/index-entry.ts'
import { parseQuota, quotaKey } from '../../crash/quota.ts'
import { Host } from '../../handoff/host.ts'
import type { TryHold } from '../../installer/upkeep/held.ts'
import { keepUp } from '../../installer/upkeep/upkeep.ts'
import { KubeClient } from '../../kube/client.ts'
import { Lease } from '../../kube/lease.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { pause } from '../../time/pause.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { type PutCrash, putCrash } from './put-crash.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const SYSTEM = 'coredog-system'
const BASE = path.resolve(import.meta.dirname, '../../deploy/base')
const CLUSTER = 'e2e'
const NODES = ['n1', 'n2', 'n3'] as const
const DAY_MS = 24 * 3_600_000
/** Of the installer's pauses, which are half an hour: three of them then ask each few seconds. */
const HASTE = 1000

describe('upkeep by three installers at a real API server, with a real S3 server', {
  skip,
  timeout: 300_000,
}, () => {
  const everything = new AsyncDisposableStack()
  let cluster: KubeCluster
  let store: ObjectStore
  let bucket: Bucket
  let [old, second, kept]: PutCrash[] = []
  const full: string[] = []

  before(async () => {
    cluster = everything.use(await startKubeCluster(programs!)) // skipped without them
    for (const name of [SYSTEM, 'shop']) await cluster.addNamespace(name)
    for (const name of ['role', 'role-binding', 'cluster-role', 'cluster-role-binding'])
      await cluster.kubectl(['apply', `--filename=${path.join(BASE, `${name}.yaml`)}`])
    await cluster.kubectl(['annotate', 'namespace', 'shop', 'coredog.io/quota=1Ki'])
    const s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    everything.defer(s3.close)
    bucket = everything.use(new Bucket(s3))
    store = openStore(configOf('n1').storage)
    const ago = (days: number) => ({ time: new Date(Date.now() - days * DAY_MS) })
    old = await putCrash(store, CLUSTER, ago(40))
    second = await putCrash(store, CLUSTER, ago(39))
    kept = await putCrash(store, CLUSTER, { ...ago(1), core: randomBytes(2048) })
    const access = await cluster.addServiceAccount(SYSTEM, 'coredog-installer')
    const ended = new AbortController()
    const installers = NODES.map(name => installer(name, new KubeClient(access), ended.signal))
    everything.defer(async () => {
      ended.abort()
      await Promise.all(installers)
    })
  })
  after(() => everything.disposeAsync())

  it('removes what is over retention.maxAge, and of a group of crashes not the last', async () => {
    await eventually('the removal', 120, async () => (await keysBelow(old)).length === 0 || undefined)
    assert.deepEqual(await keysBelow(second), [])
    assert.equal((await keysBelow(kept)).length, 3)
    const names = [...(await bucket.sizes()).keys()].filter(key => key.includes('/_index/namespace/'))
    assert.deepEqual(
      names.map(key => key.includes(kept?.entry.id ?? '')),
      [true],
    )
  })

  it('leaves what crashed on a day in one file', async () => {
    const days = await eventually('files of days', 60, async () => {
      const found = [...(await bucket.sizes()).keys()].filter(key => key.includes('/_index/daily/crashes/'))
      return found.length > 0 ? found : undefined
    })
    const day = kept?.entry.time.toISOString().slice(0, 10)
    assert.ok(
      days.some(key => key.includes(`cluster=${CLUSTER}/date=${day}`)),
      days.join(' '),
    )
  })

  it('says what a namespace has used of the quota that its annotation gives it', async () => {
    const record = await eventually('the sum', 60, async () => {
      const text = await store.get(quotaKey(CLUSTER, 'shop')).catch(() => null)
      return text === null ? undefined : parseQuota(Buffer.concat(await text.toArray()).toString())
    })
    assert.deepEqual([record?.usedBytes, record?.limitBytes], [kept?.stored.length, 1024])
    await eventually('word of it', 60, () => full.includes('shop') || undefined)
  })

  it('is done by one of them, which all ask for', async () => {
    await eventually('the others', 60, () => new Set(asked).size === NODES.length || undefined)
    assert.equal(new Set(held).size, 1)
  })

  const [asked, held]: [string[], string[]] = [[], []]

  function installer(name: string, kube: KubeClient, signal: AbortSignal): Promise<void> {
    const lease = new Lease(kube, { namespace: SYSTEM, name: 'coredog-upkeep', holder: name })
    const tryHold: TryHold = async () => {
      asked.push(name)
      const found = await lease.tryHold()
      if (found !== null) held.push(name)
      return found
    }
    const folder = mkdtempSync(path.join(tmpdir(), `coredog-${name}-`))
    everything.defer(() => rmSync(folder, { recursive: true }))
    return keepUp(
      {
        ...{ config: configOf(name), host: new Host(folder), nodeName: name, kube, lease: { tryHold } },
        clusterNames: () => [CLUSTER],
        onFull: namespace => void full.push(namespace),
        log: pino({ enabled: false }),
        pause: (seconds, until) => pause(seconds / HASTE, until),
      },
      signal,
    ).finally(() => lease.giveBack().finally(() => kube.close()))
  }

  function configOf(name: string) {
    const settings = {
      ...{ cluster: CLUSTER, StorageConfig: bucket.storageConfig, spool: { dir: `/spool-${name}` } },
      retention: { maxAge: '30d' },
      quota: { namespaceBytes: '1Ti' },
    }
    return parseConfig(JSON.stringify(settings)).config
  }

  async function keysBelow(crash: PutCrash | undefined): Promise<readonly string[]> {
    const folder = indexedFolder(crash?.entry ?? assert.fail('it was not put'))
    return [...(await bucket.sizes()).keys()].filter(key => key.includes(`${folder}/`))
  }
})
