/** The store is away, or very many crash at once: everything arrives all the same. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
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
import { backtrace, unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const HANDLER_LOG = '/var/log/coredog/handler.log'
const SPOOL = '/var/lib/coredog/spool'
const HANDLER_SETTINGS = '/etc/coredog/coredog.yaml'
const STACKS = path.resolve(import.meta.dirname, '../crashers/stacks.cpp')
const MIB = 2 ** 20
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

  it('keeps of a large core for which nobody has room what gdb needs for a backtrace', async () => {
    const linked = path.join(world.dir, 'stacks')
    await execa('g++', ['-pthread', '-O1', '-g', '-o', linked, STACKS])
    const before = messages('crash spooled').length
    isAway = true
    await reconfigure({ spool: { maxBytes: 1 }, collect: { hostProcesses: 'collect' } })
    const child = execa(linked, ['300'], { reject: false })
    assert.equal((await child).signal, 'SIGSEGV')
    await (await run('no-room', '/bin/stacks', '300')).crash()
    await eventually(
      'two crashes in the spool',
      120,
      () => messages('crash spooled').length === before + 2 || undefined,
    )
    isAway = false

    const host = (report: CrashReport) => report.pod === undefined && report.process?.pid === child.pid
    await assertBacktrace(await reportThat('of the host process', host), linked)
    await assertBacktrace(await reportOf('no-room'), path.join(world.images.programs, 'stacks'))
    await reconfigure({})
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
    assert.deepEqual(
      reportsIn(store).flatMap(({ unidentified }) => unidentified ?? []),
      [],
    )
    const stormy = reportsIn(store).filter(report => report.pod?.name === 'storm')
    assert.equal(new Set(stormy.map(({ process }) => process?.pid)).size, STORM)
    assert.deepEqual(
      stormy.flatMap(({ core }) => (core?.complete === true ? [] : [core])),
      [],
    )
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
      limits: { perWorkload: 0 },
      NoticeChannel: [{ chan: 'feishu', webhookurl: world.chat.webhookUrl }],
    }
  }

  function run(name: string, ...command: readonly string[]): Promise<Pod> {
    const container = { name: 'app', image: world.images.crashers.name, command }
    return world.runPod({ namespace: 'shop', name, annotations: CONSENT, container })
  }

  async function reportOf(name: string): Promise<CrashReport> {
    return reportThat(`of ${name}`, ({ pod }) => pod?.name === name)
  }

  async function reportThat(what: string, matches: (report: CrashReport) => boolean): Promise<CrashReport> {
    return eventually(`the report ${what}`, 120, () => reportsIn(store).find(matches))
  }

  /** Resolves when handlers that are started from now on know. */
  async function reconfigure(changes: object): Promise<void> {
    const wanted = { ...settings(), ...changes }
    agent.configure(wanted)
    const known = () => readFileSync(HANDLER_SETTINGS, 'utf8')
    await eventually('the new settings', 60, () => known() === JSON.stringify(wanted) || undefined)
  }

  /** The thread that crashed, one of those that waited, and the main one, by the names of their functions. */
  async function assertBacktrace(report: CrashReport, program: string): Promise<void> {
    assert.equal(report.core?.complete, false)
    assert.match(report.core?.incompleteReason ?? '', /zeros, all but stacks .* had room for more/)
    assert.ok((report.core?.storedBytes ?? 0) <= 64 * MIB)
    const [packed, core] = [path.join(world.dir, 'thin.gz'), path.join(world.dir, 'thin')]
    writeFileSync(packed, bytesOf(report.core?.key))
    await unpackCore({ folder: '', report, core: packed }, core)
    const threads = (await backtrace(program, core)).split(/^Thread (?=\d+ )/m).slice(1)
    const standing = [/pay \(.*check_out \(.*serve \(/s, /wait_for_work \(/, /main \(/]
    assert.deepEqual(
      standing.map(functions => threads.filter(thread => functions.test(thread)).length),
      [1, 3, 1],
      threads.join(),
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
