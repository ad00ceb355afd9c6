import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { UntrustedDirectory } from '../../../durable/untrusted-directory.ts'
import { NO_ALLOWANCE } from '../../../handler/core/allowance.ts'
import { NO_POOL_PRIORITY } from '../../../handler/core/pool-priority.ts'
import { deduplicationIn } from '../../../handler/deduplicate/deduplication.ts'
import {
  type Collected,
  collectFile,
  type FileOutside,
  type FoundCore,
} from '../../../handler/from-file/collect-file.ts'
import { nodeProc } from '../../../handler/identity/proc.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'
import type { Notification } from '../../../notify/notification.ts'
import type { PutOutcome } from '../../../storage/parts/failover.ts'
import { pipeOf, temporaryFolder } from '../../fakes/core-file.ts'
import { type CoreParts, elfCore, elfPage } from '../../fakes/elf-core.ts'
import { fakeProc, POD_UID } from '../../fakes/fake-proc.ts'
import { MemoryBinaries, MemorySink, RefusingSink } from '../../fakes/memory-sink.ts'
import { NO_BEGINNINGS } from '../../fakes/no-beginnings.ts'
import { NO_DEDUPLICATION } from '../no-deduplication.ts'
import { NO_GROUPS } from '../no-groups.ts'
import { NO_RECURRENCES } from '../no-recurrences.ts'
import { NO_SYMBOLS } from '../no-symbols.ts'
import { NO_EXPLAINER, pretendedExplainer } from '../pretended-explainer.ts'
import { explainerHere } from '../why/explainer-here.ts'
import { crashedLibrary } from './crashed-library.ts'

const WRITTEN = Date.parse('2025-11-21T04:40:05Z')
const parts: CoreParts = {
  pid: 7,
  comm: 'my app',
  threads: 3,
  entry: 0x401000n,
  instruction: 0x401010n,
  files: [{ start: 0x401000n, end: 0x402000n, pages: 0n, path: '/app/server' }],
  memory: [
    {
      address: 0x401000n,
      bytes: elfPage(Buffer.alloc(20, 'id'), { interpreter: '/lib64/ld-linux-x86-64.so.2' }),
    },
  ],
}
const core = elfCore(parts)

const web: HandoffPod = {
  namespace: 'shop',
  name: 'web-0',
  uid: POD_UID,
  labels: { app: 'web' },
  annotations: { 'coredog.io/inject': 'true' },
  workload: { kind: 'StatefulSet', name: 'web' },
  containers: [
    { name: 'app', id: 'ab'.repeat(32), image: 'registry/web:1.4', imageId: 'sha256:abc', restartCount: 2 },
    { name: 'app', id: 'cd'.repeat(32), image: 'registry/web:1.4', imageId: 'sha256:abc', restartCount: 1 },
  ],
}

/** A world where all goes well, and what happened in it. */
function world(overrides: Partial<FileOutside> = {}) {
  const notifications: Notification[] = []
  const lines: Record<string, unknown>[] = []
  const unused = () => Promise.reject(new Error('a file has no process'))
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const outside: FileOutside = {
    proc: fakeProc({}),
    runtime: { describe: unused },
    forward: unused,
    beginnings: NO_BEGINNINGS,
    waitToInspect: unused,
    readAhead: () => NO_ALLOWANCE,
    poolPriority: NO_POOL_PRIORITY,
    places: () => null,
    quota: () => null,
    waitToStream: unused,
    waitToSend: unused,
    stepAside: unused,
    explain: NO_EXPLAINER,
    openLog: () => assert.fail('there is none'),
    deduplication: NO_DEDUPLICATION,
    mountedSecrets: async () => [],
    recurrences: NO_RECURRENCES,
    groups: NO_GROUPS,
    symbols: NO_SYMBOLS,
    sink: new MemorySink(),
    binaries: new MemoryBinaries(),
    notifier: {
      tell: async notification => {
        notifications.push(notification)
        return []
      },
    },
    node: { name: 'node-1', ip: '10.0.0.7', kernel: '6.18.0' },
    now: () => new Date('2026-11-21T00:00:00Z'),
    log,
    spool: unused,
    pods: () => [web],
    wait: unused,
    rootOf: async () => null,
    ...overrides,
  }
  return { outside, notices: notifications, lines }
}

interface Case extends Partial<FoundCore> {
  readonly bytes?: Buffer
  readonly yaml?: string
}

function run(
  test: TestContext,
  outside: FileOutside,
  { bytes = core, yaml = '', ...found }: Case = {},
): Promise<Collected> {
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs}\n${yaml}`)
  const file: FoundCore = {
    folder: { namespace: 'shop', pod: 'web-0', container: 'app' },
    path: 'shop/web-0/app/core.my app.7.web-0.1763700000',
    id: '0123456789ab',
    pipe: pipeOf(test, bytes, config.limits.maxCoreBytes),
    stats: { size: bytes.length, blocks: Math.ceil(bytes.length / 512), mtimeMs: WRITTEN, ctimeMs: WRITTEN },
    start: bytes.subarray(0, 64),
    ...found,
  }
  return collectFile(file, config, outside)
}

it('collectFile() says why by the files of a container of that name which runs', async t => {
  const { root, core: bytes } = crashedLibrary(t)
  const asked: string[][] = []
  const { outside } = world({
    proc: nodeProc(60),
    explain: explainerHere,
    rootOf: async containers => {
      asked.push([...containers])
      return await UntrustedDirectory.open(root)
    },
  })
  const { crash } = await reportOf(run(t, outside, { bytes }))
  assert.deepEqual(asked, [['ab'.repeat(32), 'cd'.repeat(32)]])
  assert.equal(crash?.reasonCode, 'null-pointer')
  assert.deepEqual(
    crash?.frames?.map(({ function: name }) => name),
    ['hidden', 'versioned'],
  )
})

async function reportOf(done: Promise<Collected>): Promise<CrashReport> {
  const collected = await done
  assert.ok('report' in collected, JSON.stringify(collected))
  assert.ok(validate(collected.report), JSON.stringify(validate.errors))
  return collected.report
}

const ajv = new Ajv2020({ allErrors: true })
formats.default(ajv)
const validate = ajv.compile(
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../../../crash/report.schema.json'), 'utf8')),
)

const FOLDER = 'shop/web-0/app/20251121T044000Z-my_app-7-0123456789ab'

it('collectFile() reports how often the container that crashed had been restarted', async t => {
  const [app] = web.containers
  const life = { startedAt: '2025-11-21T04:39:00Z', finishedAt: '2025-11-21T04:40:01Z' }
  const after = {
    ...app,
    id: 'ef'.repeat(32),
    name: 'app',
    restartCount: 3,
    startedAt: '2025-11-21T04:40:02Z',
  }
  const pod = {
    ...web,
    containers: [after, { ...app, name: 'app', id: 'ab'.repeat(32), restartCount: 2, ...life }],
  }
  const report = await reportOf(run(t, world({ pods: () => [pod] }).outside))
  assert.deepEqual(report.container, {
    name: 'app',
    id: 'ab'.repeat(32),
    image: 'registry/web:1.4',
    imageId: 'sha256:abc',
    restartCount: 2,
  })
})

it('collectFile() stores the core bit for bit, then the report, then tells as the original did', async t => {
  const sink = new MemorySink()
  const { outside, notices: notifications, lines } = world({ sink })
  const report = await reportOf(run(t, outside))
  assert.deepEqual([...sink.objects.keys()], [`${FOLDER}/core.gz`, `${FOLDER}/report.json`])
  assert.ok(gunzipSync(sink.objects.get(`${FOLDER}/core.gz`) ?? '').equals(core))
  assert.deepEqual(JSON.parse(String(sink.objects.get(`${FOLDER}/report.json`))), report)
  assert.deepEqual(
    notifications.map(({ outcome, fromFile, corefilePath }) => [outcome, fromFile, corefilePath]),
    [['stored', true, '/corefile/shop/web-0/app/core.my app.7.web-0.1763700000']],
  )
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crash stored'],
  )
})

it('collectFile() reports what the folder, the API server and the core say, and no pid of the node', async t => {
  const { id, core: kept, timing, crash, handler, ...rest } = await reportOf(run(t, world().outside))
  assert.deepEqual(rest, {
    schema: 'coredog.io/report/v1',
    time: '2025-11-21T04:40:00.000Z',
    node: { name: 'node-1', ip: '10.0.0.7', kernel: '6.18.0' },
    pod: {
      namespace: 'shop',
      name: 'web-0',
      uid: POD_UID,
      labels: { app: 'web' },
      workload: { kind: 'StatefulSet', name: 'web' },
    },
    container: { name: 'app', image: 'registry/web:1.4' },
    process: {
      namespacedPid: 7,
      namespacedThreadId: 7,
      comm: 'my app',
      executable: '/app/server',
      threads: 3,
    },
    signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
  })
  assert.deepEqual([id, kept?.complete, kept?.sizeBytes], ['0123456789ab', true, core.length])
  assert.deepEqual([timing?.heldSeconds, crash?.module], [undefined, '/app/server'])
})

it('collectFile() keeps the core of a pod that nobody knows any more, by the name of its folder', async t => {
  const { outside } = world({ pods: () => [] })
  const report = await reportOf(run(t, outside))
  assert.equal(report.core?.key, `corefiles/${FOLDER}/core.gz`)
  assert.deepEqual([report.pod, report.container], [{ namespace: 'shop', name: 'web-0' }, { name: 'app' }])
  assert.match(report.unidentified ?? '', /the API server no longer knows it/)
})

const cut = [
  {
    name: 'a file that ends too early',
    bytes: core.subarray(0, -4096),
    reason: /^the file ends after \d+ of \d+ /,
  },
  {
    name: 'a file that ends within its head',
    bytes: core.subarray(0, 200),
    reason: /ended within its own header/,
  },
  { name: 'a file of 18 bytes', bytes: core.subarray(0, 18), reason: /ended within its own header/ },
]
for (const { name, bytes, reason } of cut) {
  it(`collectFile() keeps ${name}, and says that it is not whole`, async t => {
    const { outside, notices: notifications } = world()
    const report = await reportOf(run(t, outside, { bytes }))
    assert.deepEqual([report.core?.complete, notifications[0]?.outcome], [false, 'incomplete'])
    assert.match(report.core?.incompleteReason ?? '', reason)
  })
}

const folder = { namespace: 'shop', pod: 'web-0', container: 'app' }
const refused: { name: string; given: Case; reason: RegExp }[] = [
  { name: 'an empty file', given: { bytes: Buffer.alloc(0) }, reason: /ELF core/ },
  { name: 'a text', given: { bytes: Buffer.from('root:x:0:0:'.repeat(10)) }, reason: /ELF core/ },
  {
    name: 'a namespace that is none',
    given: { folder: { ...folder, namespace: '../etc' } },
    reason: /"\.\.\/etc" is no name of a namespace/,
  },
  { name: 'a pod that is none', given: { folder: { ...folder, pod: 'a..b' } }, reason: /name of a pod/ },
  { name: 'a container that is none', given: { folder: { ...folder, container: '' } }, reason: /container/ },
]
for (const { name, given, reason } of refused) {
  it(`collectFile() refuses ${name}, and stores nothing`, async t => {
    const sink = new MemorySink()
    const collected = await run(t, world({ sink }).outside, given)
    assert.equal(collected.outcome, 'refused')
    assert.match('reason' in collected ? collected.reason : '', reason)
    assert.equal(sink.objects.size, 0)
  })
}

const unwanted: { name: string; pods?: HandoffPod[]; yaml?: string; reason: RegExp }[] = [
  { name: 'collect.pods is none', yaml: 'collect: {pods: none}', reason: /collect\.pods is none/ },
  {
    name: 'the namespace is excluded',
    yaml: 'collect: {excludeNamespaces: [shop]}',
    reason: /excludeNamespaces/,
  },
  {
    name: 'the namespace is not included',
    yaml: 'collect: {includeNamespaces: [pay]}',
    reason: /includeNamespaces/,
  },
  { name: 'the pod takes its word back', pods: [{ ...web, annotations: {} }], reason: /inject not found/ },
]
for (const { name, pods = [web], yaml = '', reason } of unwanted) {
  it(`collectFile() skips a core when ${name}, and says so`, async t => {
    const sink = new MemorySink()
    const { outside, lines, notices: notifications } = world({ sink, pods: () => pods })
    const collected = await run(t, outside, { yaml })
    assert.equal(collected.outcome, 'skipped')
    assert.match('reason' in collected ? collected.reason : '', reason)
    assert.deepEqual(
      [lines[0]?.msg, lines[0]?.pod, sink.objects.size, notifications.length],
      ['crash skipped', 'web-0', 0, 0],
    )
  })
}

it('collectFile() tells nobody of a core that the store refused: it is still there', async t => {
  const { outside, notices: notifications, lines } = world({ sink: new RefusingSink(1) })
  await assert.rejects(run(t, outside), /403 Forbidden/)
  assert.deepEqual([notifications, lines], [[], []])
})

it('collectFile() overwrites a core that it takes again, and does not suppress it because of itself', async t => {
  const sink = new MemorySink()
  const deduplication = deduplicationIn(
    temporaryFolder(t),
    parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config,
  )
  const explain = () => pretendedExplainer('8899aabbccddeeff', { crash: {} })
  const { outside } = world({ sink, deduplication, explain })
  assert.equal((await run(t, outside)).outcome, 'stored')
  assert.equal((await run(t, outside)).outcome, 'stored')
  assert.equal(sink.objects.size, 2)
  assert.equal((await run(t, outside, { id: 'ba9876543210' })).outcome, 'suppressed')
})

it('collectFile() takes a hostile core for no more than it is', async t => {
  const claims = Buffer.from(
    elfCore({ ...parts, pid: -1, threads: 1, signal: { number: -3, code: 0, address: 0n } }),
  )
  // The size of the segment of memory: 2^62 bytes.
  claims.writeBigUInt64LE(1n << 62n, 64 + 56 + 32)
  const bounds: (number | undefined)[] = []
  class BoundedSink extends MemorySink {
    override put(key: string, body: Parameters<MemorySink['put']>[1], bound?: number): Promise<PutOutcome> {
      bounds.push(bound)
      return super.put(key, body)
    }
  }
  const report = await reportOf(run(t, world({ sink: new BoundedSink() }).outside, { bytes: claims }))
  assert.deepEqual(
    [report.process?.namespacedPid, report.signal, report.core?.complete],
    [undefined, undefined, false],
  )
  assert.equal(bounds[0], claims.length)
})
