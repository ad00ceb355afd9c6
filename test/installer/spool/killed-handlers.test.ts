import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { thisWriter } from '../../../durable/writer.ts'
import { BegunFolder } from '../../../handoff/begun-folder.ts'
import type { BegunRecord } from '../../../handoff/begun-record.ts'
import { ConcludedFolder } from '../../../handoff/concluded-folder.ts'
import { parseEntries } from '../../../handoff/group-file.ts'
import { standingOf } from '../../../handoff/group-standing.ts'
import { Host } from '../../../handoff/host.ts'
import { LeftAlone } from '../../../handoff/left-alone.ts'
import { newEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'
import { readSpooled, spooledIn, writeSpoolRecord } from '../../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../../handoff/spool-record.ts'
import { finishSpool } from '../../../installer/spool/finish-spool.ts'
import { takeOverKilled } from '../../../installer/spool/killed-handlers.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

const ID = '0123456789ab'
const CONTAINER_ID = 'ab'.repeat(32)
const POD_UID = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'
const NOW = new Date('2026-11-21T00:10:00Z')
const UNANSWERED = 'its handler was killed before the container runtime had answered'

const web: HandoffPod = {
  namespace: 'shop',
  name: 'web-0',
  uid: POD_UID,
  labels: { app: 'web' },
  annotations: { 'coredog.io/inject': 'true' },
  workload: { kind: 'StatefulSet', name: 'web' },
  containers: [{ name: 'app', id: CONTAINER_ID, image: 'registry/web:1.4', restartCount: 2 }],
}
const byKernel: BegunRecord['identity'] = {
  kind: 'container',
  containerId: CONTAINER_ID,
  podUid: POD_UID,
  pod: null,
  container: null,
  unanswered: UNANSWERED,
}

/** A node, and what a handler that is gone by now had noted there. */
class Node {
  readonly folder: string
  readonly begun: BegunFolder
  readonly spool: string
  readonly log = openLogLines()

  constructor(test: TestContext, pods: readonly HandoffPod[] = [web]) {
    this.folder = temporaryFolder(test)
    this.begun = new BegunFolder(this.folder)
    this.spool = path.join(this.folder, 'spool')
    mkdirSync(path.join(this.folder, 'run'))
    mkdirSync(path.join(this.folder, 'store'))
    writeFileSync(path.join(this.folder, 'run/pods.json'), JSON.stringify(pods))
  }

  get config() {
    return parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: "${this.folder}/store"}
NoticeChannel: [{chan: slack, webhookurl: "https://a.example/1"}]
spool: {dir: "${this.spool}"}
paths: {state: "${this.folder}", run: "${this.folder}/run"}`).config
  }

  async takeOver(): Promise<void> {
    const host = new Host('/')
    const now = () => NOW
    await takeOverKilled({
      begun: this.begun,
      config: this.config,
      host,
      procFolder: '/proc',
      now,
      leftAlone: new LeftAlone(this.log.log),
      log: this.log.log,
    })
  }

  async spooled(): Promise<readonly SpoolRecord[]> {
    const found = await Promise.all((await spooledIn(this.spool)).map(readSpooled))
    return found.flatMap(entry => entry?.record ?? [])
  }
}

/** Of a process with our number, which began at another time: our number was its before. */
async function recordOf(change: Partial<BegunRecord> = {}): Promise<BegunRecord> {
  const writer = await thisWriter()
  const report: CrashReport = {
    schema: 'coredog.io/report/v1',
    id: ID,
    time: '2026-11-21T00:00:00.000Z',
    node: { name: 'node-1' },
    process: { pid: 4242, namespacedPid: 7, comm: 'my app' },
    signal: { number: 11, name: 'SIGSEGV' },
    unidentified: UNANSWERED,
  }
  return {
    id: ID,
    writer: { ...writer, startTicks: writer.startTicks + 1 },
    report,
    identity: byKernel,
    isWanted: false,
    ...change,
  }
}

it('takeOverKilled() makes of a beginning a lost crash of the pod that the kernel named', async t => {
  const node = new Node(t)
  const record = await recordOf()
  await node.begun.write(record)
  await node.takeOver()
  const { containers: _, annotations: _ours, ...pod } = web
  const { unidentified: _doubt, ...report } = record.report
  assert.deepEqual(await node.spooled(), [
    {
      id: ID,
      writer: null,
      folder: `shop/web-0/app/20261121T000000Z-my_app-4242-${ID}`,
      report: {
        ...report,
        pod,
        container: { name: 'app', id: CONTAINER_ID, image: 'registry/web:1.4', restartCount: 2 },
        core: {
          complete: false,
          incompleteReason: 'not kept: its handler was killed before any of it was kept',
        },
      },
      sealed: true,
      corefilePath: '/corefile/shop/web-0/app/core.my app.7.web-0.1795219200',
      core: null,
      told: false,
    },
  ])
  assert.deepEqual(await node.begun.ids(9), [])
})

it('takeOverKilled() believes what the handler had found out', async t => {
  const node = new Node(t, [])
  const identity = { ...byKernel, pod: { namespace: 'shop', name: 'api-0' }, container: { name: 'api' } }
  const { unanswered: _, ...known } = identity
  await node.begun.write(await recordOf({ identity: known, isWanted: true }))
  await node.takeOver()
  assert.match((await node.spooled())[0]?.folder ?? '', /^shop\/api-0\/api\//)
})

it('takeOverKilled() keeps apart what nobody knows', async t => {
  const node = new Node(t, [])
  await node.begun.write(await recordOf())
  await node.takeOver()
  const [record] = await node.spooled()
  assert.match(record?.folder ?? '', /^_unverified\/node-1\//)
  assert.deepEqual([record?.report.unidentified, record?.report.container?.id], [UNANSWERED, CONTAINER_ID])
})

it('takeOverKilled() waits a minute for a pod to become known', async t => {
  const node = new Node(t, [])
  const record = await recordOf()
  const time = new Date(NOW.getTime() - 30_000).toISOString()
  await node.begun.write({ ...record, report: { ...record.report, time } })
  await node.takeOver()
  assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], [ID]])
})

const unwanted: Record<string, { pods: readonly HandoffPod[]; identity: BegunRecord['identity'] }> = {
  'a pod without the annotation': { pods: [{ ...web, annotations: {} }], identity: byKernel },
  'the host': { pods: [], identity: { kind: 'host' } },
}
for (const [name, { pods, identity }] of Object.entries(unwanted)) {
  it(`takeOverKilled() forgets what nobody wanted, of ${name}`, async t => {
    const node = new Node(t, pods)
    await node.begun.write(await recordOf({ identity }))
    await node.takeOver()
    assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], []])
  })
}

it('takeOverKilled() leaves a handler alone that lives', async t => {
  const node = new Node(t)
  await node.begun.write(await recordOf({ writer: await thisWriter() }))
  await node.takeOver()
  assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], [ID]])
})

it('takeOverKilled() makes nothing of a crash that has another record', async t => {
  const node = new Node(t)
  const outbox = new OutboxFolder(path.join(node.folder, 'outbox'))
  const report = { schema: 'coredog.io/report/v1' as const, id: ID }
  const notification = { outcome: 'stored' as const, report, link: null, corefilePath: '/corefile/core' }
  await outbox.add(newEntry(notification, ['coreSight'], NOW, null))
  await node.begun.write(await recordOf())
  await node.takeOver()
  assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], []])

  await outbox.remove(ID)
  await node.begun.write(await recordOf())
  await node.takeOver()
  const [lost] = await node.spooled()
  await writeSpoolRecord(path.join(node.spool, ID), { ...(lost as SpoolRecord), told: true })
  await node.begun.write(await recordOf())
  await node.takeOver()
  assert.deepEqual([(await node.spooled())[0]?.told, await node.begun.ids(9)], [true, []])
})

it('takeOverKilled() calls no crash lost that is over and whose beginning a hanging disk had kept', async t => {
  const node = new Node(t)
  const concluded = new ConcludedFolder(path.join(node.folder, 'run'))
  await concluded.add(ID)
  await node.begun.write(await recordOf({ isWanted: true }))
  await node.takeOver()
  assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], []])
  assert.equal(await concluded.has(ID), false)
})

it('takeOverKilled() goes past a file that is no record', async t => {
  const node = new Node(t)
  await node.begun.write(await recordOf())
  writeFileSync(path.join(node.folder, 'begun/000000000000.json'), 'half a')
  await node.takeOver()
  assert.equal((await node.spooled()).length, 1)
})

it('finishSpool() reports and tells of a crash whose handler was killed once', {
  timeout: 120_000,
}, async t => {
  const node = new Node(t)
  const ending = new AbortController()
  const finished: (string | undefined)[] = []
  const onFinished = ({ report }: { report: CrashReport }) => {
    finished.push(report.core?.incompleteReason)
    ending.abort()
  }
  await node.begun.write(await recordOf())
  const metrics = { setSpool: () => undefined }
  const { config, log } = node
  await finishSpool({ config, host: new Host('/'), log: log.log, metrics, onFinished }, ending.signal)
  assert.deepEqual(finished, ['not kept: its handler was killed before any of it was kept'])
  assert.deepEqual(await new OutboxFolder(path.join(node.folder, 'outbox')).ids(), [ID])
  assert.deepEqual([await node.spooled(), await node.begun.ids(9)], [[], []])
})

it('finishSpool() finishes a crash once whose handler was killed between two records of it', {
  timeout: 120_000,
}, async t => {
  const node = new Node(t)
  const ending = new AbortController()
  await node.begun.write(await recordOf())
  await node.takeOver()
  // Of a handler that was killed between the two records.
  await node.begun.write(await recordOf())
  const metrics = { setSpool: () => undefined }
  const onFinished = () => ending.abort()
  const { config, log } = node
  await finishSpool({ config, host: new Host('/'), log: log.log, metrics, onFinished }, ending.signal)
  await node.takeOver()
  assert.deepEqual(await node.spooled(), [])
})

it('takeOverKilled() has the next crash of its kind kept, where the handler was killed while it waited to stream', async t => {
  const node = new Node(t)
  await node.begun.write(await recordOf({ isWanted: true }))
  const file = path.join(node.folder, 'dedupe', 'ab'.repeat(16))
  const others = path.join(node.folder, 'dedupe', 'cd'.repeat(16))
  mkdirSync(path.dirname(file))
  for (const name of [file, others])
    writeFileSync(name, `2026-11-21T00:00:00.000Z ${name === file ? ID : 'ba9876543210'}\n`)
  await node.takeOver()
  const admissions = (name: string) =>
    standingOf(
      [...parseEntries(readFileSync(name, 'utf8')), { what: 'came', time: NOW, id: 'ffffffffffff' }],
      {
        windowSeconds: 3600,
        keep: 1,
      },
    ).admissions.get('ffffffffffff')?.keep
  assert.deepEqual([admissions(file), admissions(others)], [true, false])
})
