/** The store is away, or very many crash at once: everything arrives all the same. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { CrashReport } from '../../crash/report.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type FakeKube, startFakeKube } from '../fakes/fake-kube.ts'
import { type FakeS3, faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { Agent } from './agent.ts'
import { buildAgentImage } from './agent-image.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { nodeFiles } from './node-files.ts'
import type { Pod } from './pod.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const HANDLER_LOG = '/var/log/coredog/handler.log'
const SPOOL = '/var/lib/coredog/spool'
const CONSENT = { 'coredog.io/inject': 'true' }
const STORM = 200

const DAEMON_SET: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'coredog-system', name: 'coredog-installer', uid: 'daemonset-uid' },
}

describe('coredog on a node whose store fails', { timeout: 900_000 }, () => {
  let world: World
  let kube: FakeKube
  let image: Image
  let store: FakeS3
  let isAway = false
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }
  let agent: Agent

  before(async () => {
    world = await openWorld(HANDLER)
    await removeEarlierInstallation()
    found = { settings: readKernelSettings(), files: nodeFiles() }
    kube = await startFakeKube({ objects: [DAEMON_SET], tls: true, namespace: 'coredog-system' })
    store = await startFakeS3({ faultOf: () => (isAway ? faults.refuse(403, 'AccessDenied') : null) })
    image = await buildAgentImage(world.dir)
    await world.containerd.import(image)
    agent = await Agent.start(world, image, kube, { settings: settings() })
    await agent.answers('/readyz')
  })
  after(async () => {
    await agent?.stop()
    await store?.[Symbol.asyncDispose]()
    await kube?.close()
    await removeEarlierInstallation()
    await world?.[Symbol.asyncDispose]()
  })

  it('delivers after an outage what crashed in it', async () => {
    isAway = true
    const pods = [await run('first', '/bin/segfault'), await run('second', '/bin/heap', '40')]
    for (const pod of pods) await pod.crash()
    await eventually(
      'two crashes in the spool',
      120,
      () => messages('crash spooled').length === 2 || undefined,
    )
    assert.equal(readdirSync(SPOOL).length, 2)
    assert.deepEqual(store.bucket().keys(), [])

    isAway = false
    const reports = await eventually('both reports', 120, () =>
      reportsIn(store).length === 2 ? reportsIn(store) : undefined,
    )
    for (const { core, pod } of reports) {
      assert.equal(core?.complete, true)
      assert.equal(gunzipSync(bytesOf(core?.key)).length, core?.sizeBytes)
      await world.chat.message(`${pod?.name}`)
    }
    await eventually('an empty spool', 60, () => readdirSync(SPOOL).length === 0 || undefined)
    assert.equal(store.bucket().uploads.size, 0)
  })

  it('finishes, as incomplete, what a handler was killed over', async () => {
    const seen = store.seen('UploadPart').length
    const pod = await run('killed', '/bin/heap', '256')
    await pod.crash()
    await eventually('parts on their way', 60, () => store.seen('UploadPart').length > seen + 1 || undefined)
    for (const pid of handlers()) process.kill(pid, 'SIGKILL')
    const report = await reportOf('killed')
    assert.equal(report.core?.complete, false)
    assert.match(report.core?.incompleteReason ?? '', /its handler was killed/)
    assert.equal(bytesOf(report.core?.key).length, report.core?.storedBytes)
    await world.chat.message('killed')
    await eventually('an empty spool', 60, () => readdirSync(SPOOL).length === 0 || undefined)
    assert.equal(store.bucket().uploads.size, 0)
  })

  it(`makes ${STORM} reports of ${STORM} crashes at once`, async () => {
    const before = reportsIn(store).length
    const pod = await run('storm', '/bin/storm', `${STORM}`)
    await pod.crash()
    await eventually(
      `${STORM} reports`,
      600,
      () => reportsIn(store).length - before === STORM || undefined,
    ).catch(cause => {
      throw new Error(`${reportsIn(store).length - before} of ${STORM} reports`, { cause })
    })
    const unknown = reportsIn(store).filter(({ pod }) => pod === undefined)
    assert.deepEqual(
      unknown.map(({ unidentified }) => unidentified),
      [],
    )
    const stormy = reportsIn(store).filter(report => report.pod?.name === 'storm')
    assert.equal(new Set(stormy.map(({ process }) => process?.pid)).size, STORM)
    assert.ok(stormy.every(({ core }) => core?.complete))
  })

  it('leaves the node as it was', async () => {
    await eventually(
      'everybody to be told',
      300,
      () =>
        readdirSync('/var/lib/coredog/outbox').filter(name => name.endsWith('.json')).length === 0 ||
        undefined,
    )
    kube.remove(DAEMON_SET)
    await agent.stop()
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
  })

  function settings() {
    const { accessKeyId: s3AccesskeyID, secretAccessKey: s3SecretAccessKey } = store.credentials
    return {
      ...world.settings,
      StorageConfig: {
        protocol: 's3',
        s3AccesskeyID,
        s3SecretAccessKey,
        s3Region: store.region,
        S3Bucket: 'cores',
        S3Endpoint: store.endpoint,
      },
      storage: { patience: '1s' },
      dedupe: { window: '0s' },
      NoticeChannel: [{ chan: 'feishu', webhookurl: world.chat.webhookUrl }],
    }
  }

  function run(name: string, ...command: readonly string[]): Promise<Pod> {
    const container = { name: 'app', image: world.images.crashers.name, command }
    return world.runPod({ namespace: 'shop', name, annotations: CONSENT, container })
  }

  async function reportOf(name: string): Promise<CrashReport> {
    return eventually(`the report of ${name}`, 120, () =>
      reportsIn(store).find(({ pod }) => pod?.name === name),
    )
  }

  function bytesOf(key = ''): Buffer {
    return store.bucket().get(key).bytes
  }
})

function reportsIn(store: FakeS3): CrashReport[] {
  const bucket = store.bucket()
  return bucket
    .keys()
    .filter(key => key.endsWith('/report.json'))
    .map(key => JSON.parse(bucket.get(key).bytes.toString()) as CrashReport)
}

function messages(message: string): string[] {
  return readFileSync(HANDLER_LOG, 'utf8')
    .split('\n')
    .filter(line => line.includes(`"msg":"${message}"`))
}

/** Those that the kernel has started and that still run. */
function handlers(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => commandOf(pid).startsWith('/usr/local/bin/coredog-handler\0'))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended
  }
}
