import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { pino } from 'pino'
import type { Config } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import type { CoreLocation } from '../../crash/core-location.ts'
import { OperatorError } from '../../crash/errors.ts'
import type { CrashReport } from '../../crash/report.ts'
import { collect } from '../../handler/collect.ts'
import { ContainerLog } from '../../handler/container-log/container-log.ts'
import { type Allowance, NO_ALLOWANCE } from '../../handler/core/allowance.ts'
import { BLOCK_BYTES } from '../../handler/core/block.ts'
import type { CorePipe } from '../../handler/core/core-pipe.ts'
import { NO_POOL_PRIORITY } from '../../handler/core/pool-priority.ts'
import type { Deduplication, Limit } from '../../handler/deduplicate/deduplication.ts'
import type { Groups } from '../../handler/deduplicate/groups.ts'
import type { Claim, Places, Taken } from '../../handler/deduplicate/places.ts'
import type { Described, Runtime } from '../../handler/identity/identify.ts'
import type { Outside } from '../../handler/outside.ts'
import { recurrencesIn } from '../../handler/recurrences.ts'
import { Spooling } from '../../handler/spooling.ts'
import { explainInThread } from '../../handler/why/explain-in-thread.ts'
import { SeenFolder } from '../../handoff/seen-folder.ts'
import { readSpooled, readSpooledLog, spooledIn } from '../../handoff/spool-entry.ts'
import type { Notification } from '../../notify/notification.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'
import { pipeOf, temporaryFolder } from '../fakes/core-file.ts'
import { type CoreParts, elfCore, elfPage } from '../fakes/elf-core.ts'
import { CONTAINER_ID, dumpingProcess, fakeProc, POD_UID } from '../fakes/fake-proc.ts'
import { MemoryBinaries, MemorySink, RefusingSink } from '../fakes/memory-sink.ts'
import { NO_BEGINNINGS } from '../fakes/no-beginnings.ts'
import { NO_DEDUPLICATION } from './no-deduplication.ts'
import { NO_GROUPS } from './no-groups.ts'
import { NO_RECURRENCES } from './no-recurrences.ts'
import { NO_SYMBOLS } from './no-symbols.ts'
import { NO_EXPLAINER, pretendedExplainer } from './pretended-explainer.ts'
import { OUT_OF_MEMORY, threadThat } from './why/thread-that.ts'

const argv = ['4242', 'my app', '1763700000', '11', '4243', '1', '18446744073709551615', '3']
const parts: CoreParts = {
  pid: 7,
  threads: 3,
  memory: [{ address: 0x400000n, bytes: randomBytes(3 * 4096) }],
}
/** All of it is read with its head. */
const core = elfCore(parts)
/** Most of it is still to be read when its head was. */
const large = elfCore({ ...parts, memory: [{ address: 0x400000n, bytes: randomBytes(BLOCK_BYTES + 4096) }] })
/** Of a machine whose registers are not known. */
const strange = Buffer.from(large)
strange.writeUInt16LE(243, 18)
const FOLDER = /^shop\/web-0\/app\/20251121T044000Z-my_app-4242-[0-9a-f]{12}$/

const web: Described = {
  pod: {
    namespace: 'shop',
    name: 'web-0',
    uid: POD_UID,
    labels: { app: 'web' },
    annotations: { 'coredog.io/inject': 'true' },
  },
  container: { name: 'app', image: 'registry/web:1.4', imageId: 'sha256:abc', restartCount: 2 },
}

/** A world where all goes well, and what happened in it. A test overrides the one part it is about. */
function world(overrides: Partial<Outside> = {}) {
  const notifications: Notification[] = []
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const outside: Outside = {
    proc: fakeProc(dumpingProcess(4242, {}, 4243)),
    runtime: runtimeThat(() => Promise.resolve(web)),
    forward: () => Promise.resolve({ to: '/previous' }),
    beginnings: NO_BEGINNINGS,
    waitToInspect: () => Promise.resolve({ end: () => undefined }),
    readAhead: () => NO_ALLOWANCE,
    poolPriority: NO_POOL_PRIORITY,
    waitToStream: () => Promise.resolve(true),
    waitToSend: () => Promise.resolve(),
    stepAside: () => Promise.resolve(),
    explain: NO_EXPLAINER,
    openLog: () => assert.fail('there is none'),
    deduplication: { ...NO_DEDUPLICATION },
    mountedSecrets: async () => [],
    places: () => null,
    quota: () => null,
    recurrences: NO_RECURRENCES,
    groups: NO_GROUPS,
    symbols: NO_SYMBOLS,
    sink: new MemorySink(),
    binaries: new MemoryBinaries(),
    spool: async () => Spooling.none(log),
    notifier: {
      tell: notification => {
        notifications.push(notification)
        return Promise.resolve([{ channel: 'slack#1', outcome: 'sent' }])
      },
    },
    node: { name: 'node-1', ip: '10.0.0.7', kernel: '6.18.0' },
    now: () => new Date('2026-11-21T00:00:00Z'),
    log,
    ...overrides,
  }
  return { outside, notices: notifications, lines, messages: () => lines.map(({ msg }) => msg) }
}

function runtimeThat(describe: Runtime['describe']): Runtime {
  return { describe }
}

function configured(yaml = ''): Config {
  return parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs}\n${yaml}`).config
}

function run(
  test: TestContext,
  outside: Outside,
  bytes = core,
  yaml = '',
): { pipe: CorePipe; done: Promise<CrashReport | null> } {
  const config = configured(yaml)
  const pipe = pipeOf(test, bytes, config.limits.maxCoreBytes)
  return { pipe, done: collect(argv, pipe, config, outside) }
}

/** The stored core, decompressed, and the stored report. */
function storedIn(sink: MemorySink): { keys: string[]; core: Buffer; report: CrashReport } {
  const keys = [...sink.objects.keys()]
  const [coreKey = '', reportKey = ''] = keys
  return {
    keys,
    core: gunzipSync(sink.objects.get(coreKey) ?? Buffer.alloc(0)),
    report: JSON.parse(String(sink.objects.get(reportKey))),
  }
}

const ajv = new Ajv2020({ allErrors: true })
formats.default(ajv)
const validate = ajv.compile(
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../../crash/report.schema.json'), 'utf8')),
)

it('collect() has the crash in the spool until it is noted that people are to be told of it', async t => {
  const dir = path.join(temporaryFolder(t), 'spool')
  const spool: Outside['spool'] = (draft, holding) =>
    Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), pino({ enabled: false }))
  const spooled: string[][] = []
  const notifier: Outside['notifier'] = {
    tell: async ({ report }, onNoted) => {
      assert.deepEqual(readdirSync(dir), [report.id])
      await onNoted?.()
      spooled.push(readdirSync(dir))
      return []
    },
  }
  await run(t, world({ spool, notifier }).outside, large).done
  assert.deepEqual(spooled, [[]])
})

it('collect() leaves nothing in the spool where nothing can be noted', async t => {
  const dir = path.join(temporaryFolder(t), 'spool')
  const spool: Outside['spool'] = (draft, holding) =>
    Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), pino({ enabled: false }))
  await run(t, world({ spool }).outside, large).done
  assert.deepEqual(readdirSync(dir), [])
})

it('collect() stores the core bit for bit, then the report, then tells', async t => {
  const sink = new MemorySink()
  const { outside, notices: notifications, messages } = world({ sink })
  const { pipe, done } = run(t, outside, large)
  const report = await done
  const stored = storedIn(sink)
  const folder = path.dirname(stored.keys[0] ?? '')
  assert.match(folder, FOLDER)
  assert.deepEqual(stored.keys, [`${folder}/core.gz`, `${folder}/report.json`])
  assert.ok(stored.core.equals(large))
  assert.deepEqual(stored.report, report)
  assert.notEqual(pipe.closedAt, null)
  assert.deepEqual(messages(), ['crash stored'])
  assert.deepEqual(
    notifications.map(({ outcome, link, corefilePath }) => ({ outcome, link, corefilePath })),
    [
      {
        outcome: 'stored',
        link: `https://store.example/${folder}/core.gz?signature=x`,
        corefilePath: '/corefile/shop/web-0/app/core.my app.7.web-0.1763700000.gz',
      },
    ],
  )
})

const STACK = { address: 0x7f00_0000_0000n, bytes: randomBytes(8192) }
/** Its first segment is what is left out of {@link elfCore}'s stacks, and shared. */
const withStack = elfCore({
  ...parts,
  stackPointers: [STACK.address + 4096n],
  memory: [{ address: 0x400000n, bytes: randomBytes(2 * BLOCK_BYTES) }, STACK],
})

/** What of each segment is in it. */
function memoryOf(bytes: Buffer): readonly (readonly [bigint, Buffer])[] {
  const read = readCoreHead(bytes)
  assert.ok('head' in read)
  return read.head.segments
    .filter(({ type, fileBytes }) => type === 1 && fileBytes > 0)
    .map(({ address, fileOffset, fileBytes }) => [
      address,
      bytes.subarray(fileOffset, fileOffset + fileBytes),
    ])
}

it('collect() keeps stacks alone where no more is wanted, and has them from the memory of the process', async t => {
  const sink = new MemorySink()
  const memory = 'm'.repeat(2 * BLOCK_BYTES)
  const proc = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/mem': memory }, 4243))
  const { outside, notices: notifications, lines } = world({ sink, proc })
  const { pipe, done } = run(t, outside, withStack, 'collect: {dump: stacks}')
  const report = await done
  assert.ok(validate(report), ajv.errorsText(validate.errors))
  const { core: kept } = storedIn(sink)
  const stack = memoryOf(kept).at(-1)
  assert.deepEqual(stack, [STACK.address, Buffer.alloc(8192, 'm')])
  assert.equal(pipe.seenBytes, BLOCK_BYTES)
  const { dump, leftOutBytes = 0, sizeBytes, complete, keptAll } = report?.core ?? {}
  assert.deepEqual(
    { dump, sizeBytes, complete, keptAll },
    { dump: 'stacks', sizeBytes: kept.length, complete: true, keptAll: undefined },
  )
  assert.equal(leftOutBytes, BLOCK_BYTES)
  assert.deepEqual(
    notifications.map(({ outcome }) => outcome),
    ['stored'],
  )
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crash stored'],
  )
})

it('collect() keeps stacks alone of a namespace that has used its quota up, and says so', async t => {
  const sink = new MemorySink()
  const memory = 'm'.repeat(2 * BLOCK_BYTES)
  const proc = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/mem': memory }, 4243))
  const use = { usedBytes: 10, limitBytes: 10 }
  const { outside, notices: notifications } = world({ sink, proc, quota: async () => use })
  const report = await run(t, outside, withStack).done
  assert.ok(validate(report), ajv.errorsText(validate.errors))
  const { dump, complete, quota } = report?.core ?? {}
  assert.deepEqual({ dump, complete, quota }, { dump: 'stacks', complete: true, quota: use })
  assert.deepEqual(memoryOf(storedIn(sink).core).at(-1), [STACK.address, Buffer.alloc(8192, 'm')])
  assert.deepEqual(
    notifications.map(({ outcome }) => outcome),
    ['stored'],
  )
})

it('collect() keeps no more than stacks also of a process whose threads are more than is looked at', async t => {
  const sink = new MemorySink()
  const heap = { address: 0x400000n, bytes: randomBytes(2 * BLOCK_BYTES) }
  const many = elfCore({
    ...parts,
    threads: 75_000,
    stackPointers: [STACK.address + 4096n],
    memory: [heap, STACK],
  })
  const { outside } = world({ sink, quota: async () => ({ usedBytes: 10, limitBytes: 10 }) })
  const { dump, complete, keptAll } = (await run(t, outside, many).done)?.core ?? {}
  assert.deepEqual({ dump, complete, keptAll }, { dump: 'stacks', complete: true, keptAll: undefined })
  const kept = memoryOf(storedIn(sink).core)
  assert.deepEqual(kept.at(-1), [STACK.address, STACK.bytes])
  assert.ok(kept.every(([, { length }]) => length <= BLOCK_BYTES))
})

it('collect() keeps no more than stacks of a process without a stack pointer, where no more is allowed', async t => {
  const full = { quota: async () => ({ usedBytes: 10, limitBytes: 10 }) }
  const memory = [{ address: 0x400000n, bytes: randomBytes(2 * BLOCK_BYTES) }, STACK]
  const core = elfCore({ ...parts, stackPointers: [0n], memory })
  for (const [outside, config] of [
    [full, undefined],
    [full, 'collect: {dump: private}'],
    [{}, 'collect: {dumpCeiling: stacks}'],
  ] as const) {
    const sink = new MemorySink()
    const report = await run(t, world({ sink, ...outside }).outside, core, config).done
    const { dump, complete, keptAll } = report?.core ?? {}
    assert.deepEqual({ dump, complete, keptAll }, { dump: 'stacks', complete: true, keptAll: undefined })
    assert.ok(memoryOf(storedIn(sink).core).every(([, { length }]) => length <= BLOCK_BYTES))
  }
})

it('collect() keeps all of a namespace that has room left, and says how little it is', async t => {
  for (const [usedBytes, told] of [
    [95, true],
    [80, false],
  ] as const) {
    const use = { usedBytes, limitBytes: 100 }
    const { outside } = world({ quota: async () => use })
    const { dump, quota } = (await run(t, outside, withStack).done)?.core ?? {}
    assert.deepEqual({ dump, quota }, { dump: undefined, quota: told ? use : undefined })
  }
})

it('collect() takes stacks from the core where the memory is not to be read, and says so in the log', async t => {
  const sink = new MemorySink()
  const { outside, messages } = world({ sink })
  const report = await run(t, outside, withStack, 'collect: {dump: stacks}').done
  assert.deepEqual(memoryOf(storedIn(sink).core).at(-1), [STACK.address, STACK.bytes])
  assert.deepEqual([report?.core?.dump, report?.core?.complete], ['stacks', true])
  assert.deepEqual(messages(), [
    'memory not to be read: stacks are taken from the whole core',
    'crash stored',
  ])
})

it('collect() reads no memory of a process that dumps no more', async t => {
  const sink = new MemorySink()
  const gone = dumpingProcess(4242, { '/proc/4242/task/4243/mem': 'another’s'.repeat(9999) }, 4243)
  let reads = 0
  // It was there when it was looked at.
  const proc = fakeProc(gone, file => {
    if (file.endsWith('/mem')) reads += 1
    if (reads > 0 && file.endsWith('4243/status'))
      gone[file] = 'Name:\tother\nNStgid:\t4242\t7\nCoreDumping:\t0\n'
  })
  await run(t, world({ sink, proc }).outside, withStack, 'collect: {dump: stacks}').done
  assert.deepEqual(memoryOf(storedIn(sink).core).at(-1), [STACK.address, STACK.bytes])
})

it('collect() keeps all of a core of which it cannot be told where its stacks are, and says so', async t => {
  const sink = new MemorySink()
  const report = await run(t, world({ sink }).outside, strange, 'collect: {dump: stacks}').done
  assert.ok(storedIn(sink).core.equals(strange))
  assert.deepEqual(
    [report?.core?.dump, report?.core?.keptAll, report?.core?.complete],
    [undefined, 'it is not known where its stacks are', true],
  )
})

it('collect() leaves shared memory out where it is not wanted', async t => {
  const sink = new MemorySink()
  const maps =
    '00400000-00c00000 rw-s 00000000 00:01 7 /dev/zero (deleted)\n7f0000000000-7f0000002000 rw-p 00000000 00:00 0 \n'
  const proc = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/maps': maps }, 4243))
  const report = await run(t, world({ sink, proc }).outside, withStack, 'collect: {dump: private}').done
  assert.deepEqual(memoryOf(storedIn(sink).core), [[STACK.address, STACK.bytes]])
  const { dump, leftOutBytes, complete } = report?.core ?? {}
  assert.deepEqual(
    { dump, leftOutBytes, complete },
    { dump: 'private', leftOutBytes: 2 * BLOCK_BYTES, complete: true },
  )
})

it('collect() keeps shared memory where it cannot be told which it is, and says so', async t => {
  const sink = new MemorySink()
  const report = await run(t, world({ sink }).outside, withStack, 'collect: {dump: private}').done
  assert.ok(storedIn(sink).core.equals(withStack))
  assert.equal(report?.core?.keptAll, 'it is not known which of its memory is shared')
})

it('collect() reads no more than the head before its turn has come, and looks at the process', async t => {
  const turn = Promise.withResolvers<boolean>()
  const asked = Promise.withResolvers<void>()
  const waitToStream = () => {
    asked.resolve()
    return turn.promise
  }
  const { pipe, done } = run(t, world({ waitToStream }).outside, large)
  await asked.promise
  assert.deepEqual([pipe.seenBytes, pipe.closedAt], [BLOCK_BYTES, null])
  turn.resolve(true)
  assert.equal((await done)?.pod?.name, 'web-0')
})

it('collect() lets a process go at once whose crash is only counted, and waits for its turn afterwards', async t => {
  const held: (readonly [string, boolean])[] = []
  const { pipe, done } = run(
    t,
    world({
      deduplication: refusing('dedupe'),
      waitToSend: async (_whose, what) => void held.push([what, pipe.closedAt === null]),
    }).outside,
    large,
  )
  assert.match((await done)?.core?.incompleteReason ?? '', /^not kept/)
  assert.deepEqual(held, [['rest', false]])
})

const ALL: Allowance = { mayHold: () => true, keep: () => undefined }

it('collect() asks for no memory of the node for a core that came with its head', async t => {
  let asked = 0
  const readAhead = () => {
    asked += 1
    return ALL
  }
  await run(t, world({ readAhead }).outside).done
  assert.equal(asked, 0)
  await run(t, world({ readAhead }).outside, large).done
  assert.equal(asked, 1)
})

it('collect() reads ahead while it waits for its turn, lets the process go, and waits to upload then', async t => {
  const events: string[] = []
  const waitToStream = async (_whose: unknown, letGo: Promise<void>) => {
    events.push('stream')
    await letGo
    events.push(pipe.closedAt === null ? 'held' : 'let go')
    return false
  }
  const waitToSend = async (_whose: unknown, what: string) => void events.push(what)
  const sink = new MemorySink()
  const outside = world({ sink, readAhead: () => ALL, waitToStream, waitToSend }).outside
  const { pipe, done } = run(t, outside, large)
  await done
  assert.deepEqual(events, ['stream', 'let go', 'upload'])
  assert.ok(storedIn(sink).core.equals(large))
})

it('collect() waits for no turn to be streamed with a core that was read with its head', async t => {
  const held: string[] = []
  const waitToSend = async (_whose: unknown, what: string) => void held.push(what)
  await run(t, world({ waitToSend }).outside).done
  assert.deepEqual(held, ['rest'])
})

it('collect() steps aside when the process is held no more, and not when the store has its core', {
  timeout: 120_000,
}, async t => {
  const aside = Promise.withResolvers<void>()
  class PatientSink extends MemorySink {
    override async put(key: string, body: Iterable<Uint8Array>): Promise<PutOutcome> {
      const outcome = await super.put(key, body)
      await aside.promise
      return outcome
    }
  }
  let isHeld: boolean | null = null
  const stepAside = async () => {
    isHeld = pipe.closedAt === null
    aside.resolve()
  }
  const { pipe, done } = run(t, world({ sink: new PatientSink(), stepAside }).outside, large)
  await done
  assert.equal(isHeld, false)
})

it('collect() reports who crashed, why, where and how big', async t => {
  const { outside } = world()
  const report = (await run(t, outside).done) ?? assert.fail()
  assert.ok(validate(report), JSON.stringify(validate.errors))
  const { id, core: kept, timing, crash, ...rest } = report
  assert.deepEqual(rest, {
    schema: 'coredog.io/report/v1',
    time: '2025-11-21T04:40:00.000Z',
    node: { name: 'node-1', ip: '10.0.0.7', kernel: '6.18.0' },
    pod: { namespace: 'shop', name: 'web-0', uid: POD_UID, labels: { app: 'web' } },
    container: {
      name: 'app',
      id: CONTAINER_ID,
      image: 'registry/web:1.4',
      imageId: 'sha256:abc',
      restartCount: 2,
    },
    process: {
      pid: 4242,
      namespacedPid: 7,
      threadId: 4243,
      namespacedThreadId: 7,
      comm: 'my app',
      executable: '/app/server',
      arguments: ['/app/server', '--password=***', '--port', '8080'],
      uid: 10001,
      gid: 10002,
      threads: 3,
    },
    signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
    handler: { version: rest.handler?.version },
  })
  assert.deepEqual([kept?.complete, kept?.sizeBytes, kept?.compression], [true, core.length, 'gzip'])
  assert.equal(`corefiles/${kept?.url?.replace('memory://', '')}`, kept?.key)
  assert.ok((timing?.heldSeconds ?? 0) >= (timing?.startSeconds ?? 1))
  assert.match(id, /^[0-9a-f]{12}$/)
  assert.deepEqual(crash, {})
})

/** Whether a pipe was open when a pattern met a text with `mark` in it, each time; asked by `isOpen`. */
async function meetings(
  mark: string,
  isOpen: () => boolean,
  work: () => Promise<unknown>,
): Promise<boolean[]> {
  const met: boolean[] = []
  const { exec } = RegExp.prototype
  RegExp.prototype.exec = function (text) {
    if (text.includes(mark)) met.push(isOpen())
    return exec.call(this, text)
  }
  try {
    await work()
    return met
  } finally {
    RegExp.prototype.exec = exec
  }
}

const spoken = () =>
  fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/cmdline': 'sh\0-c\0MARK --token x\0' }, 4243))

it('collect() looks for secrets in a command line when the process is held no more', async t => {
  const { pipe, done } = run(t, world({ proc: spoken() }).outside)
  const met = await meetings(
    'MARK',
    () => pipe.closedAt === null,
    () => done,
  )
  assert.deepEqual([met.length > 0, met.includes(true)], [true, false])
  assert.deepEqual((await done)?.process?.arguments, ['sh', '-c', 'MARK --token ***'])
})

it('collect() blanks what the environment and the Secrets of a pod have, in arguments that do not look like it', async t => {
  const [cmdline, environ] = [
    'app\0open\0sesame-sesame\0mounted-value\0',
    'HOME=/\0DOOR_TOKEN=sesame-sesame\0',
  ]
  const thread = '/proc/4242/task/4243'
  const files = { [`${thread}/cmdline`]: cmdline, [`${thread}/environ`]: environ }
  const proc = fakeProc(dumpingProcess(4242, files, 4243))
  const mountedSecrets = async () => [Buffer.from('mounted-value\n')]
  const report = await run(t, world({ proc, mountedSecrets }).outside).done
  assert.deepEqual(report?.process?.arguments, ['app', 'open', '***', '***'])
})

it('collect() stores a core without secrets that are known, and hashes what it stores', async t => {
  const [open, mounted] = ['sesame-sesame', 'mounted-value']
  const memory = [{ address: 0x400000n, bytes: Buffer.alloc(BLOCK_BYTES + 4096, 'x') }]
  const bytes = elfCore({ ...parts, memory })
  for (const at of [BLOCK_BYTES - 5, BLOCK_BYTES + 500]) bytes.write(`${open}, ${mounted}`, at)
  const environ = { '/proc/4242/task/4243/environ': `DOOR_TOKEN=${open}\0` }
  const proc = fakeProc(dumpingProcess(4242, environ, 4243))
  const worldOf = (sink: MemorySink) =>
    world({ proc, sink, mountedSecrets: async () => [Buffer.from(mounted)] }).outside
  const [blanked, asItIs] = [new MemorySink(), new MemorySink()]
  const report = await run(t, worldOf(blanked), bytes).done
  const expected = Buffer.from(bytes)
  for (const at of [BLOCK_BYTES - 5, BLOCK_BYTES + 500]) expected.write('*************, *************', at)
  assert.ok(storedIn(blanked).core.equals(expected))
  assert.deepEqual([report?.core?.scrubbed, report?.core?.unscrubbed], [4, undefined])
  const [stored = Buffer.alloc(0)] = blanked.objects.values()
  assert.equal(report?.core?.sha256, createHash('sha256').update(stored).digest('hex'))
  const other = await run(t, worldOf(asItIs), bytes, 'collect: {scrub: off}').done
  assert.ok(storedIn(asItIs).core.equals(bytes))
  assert.equal(other?.core?.scrubbed, undefined)
  for (const one of [report, other]) assert.ok(validate(one), JSON.stringify(validate.errors))
})

it('collect() looks for secrets in no command line of a pod that did not opt in', async t => {
  const runtime = runtimeThat(async () => ({ ...web, pod: { ...web.pod, annotations: {} } }))
  const { done } = run(t, world({ proc: spoken(), runtime }).outside)
  assert.deepEqual(
    await meetings(
      'MARK',
      () => true,
      () => done,
    ),
    [],
  )
})

it('collect() has the command line of a crash that is lost, or counted, in its notice, too', async t => {
  const { outside, notices: notifications } = world({ sink: new RefusingSink(1) })
  await assert.rejects(run(t, outside).done)
  const seen = ['/app/server', '--password=***', '--port', '8080']
  assert.deepEqual(notifications[0]?.report.process?.arguments, seen)
  const counted = await run(t, world({ deduplication: refusing('dedupe') }).outside).done
  assert.deepEqual(counted?.process?.arguments, seen)
})

it('collect() reports no command line where collect.arguments is none', async t => {
  const report = (await run(t, world().outside, core, 'collect: {arguments: none}').done) ?? assert.fail()
  assert.deepEqual([report.process?.executable, report.process?.arguments], ['/app/server', undefined])
})

it('collect() marks a core that the kernel did not finish', async t => {
  const { outside, notices: notifications } = world()
  const report = await run(t, outside, core.subarray(0, core.length - 4096)).done
  assert.equal(report?.core?.complete, false)
  assert.match(report?.core?.incompleteReason ?? '', /the process was killed while it dumped/)
  assert.deepEqual(
    notifications.map(({ outcome }) => outcome),
    ['incomplete'],
  )
})

it('collect() keeps a core up to the limit, and says so', async t => {
  const sink = new MemorySink()
  const report = await run(t, world({ sink }).outside, large, 'limits: {maxCoreSize: 1Mi}').done
  assert.equal(storedIn(sink).core.length, 1024 * 1024)
  assert.match(report?.core?.incompleteReason ?? '', /limits\.maxCoreSize/)
})

it('collect() keeps what is no ELF core, and doubts it', async t => {
  const sink = new MemorySink()
  const report = await run(t, world({ sink }).outside, Buffer.from('not a core')).done
  assert.equal(storedIn(sink).core.toString(), 'not a core')
  assert.match(report?.core?.incompleteReason ?? '', /ELF|header/)
})

it('collect() tells that a core is lost of which the kernel wrote nothing', async t => {
  const sink = new MemorySink()
  const { outside, notices: notifications } = world({ sink })
  await assert.rejects(run(t, outside, Buffer.alloc(0)).done, /the kernel wrote nothing/)
  assert.equal(sink.objects.size, 0)
  assert.deepEqual(
    notifications.map(({ outcome }) => outcome),
    ['lost'],
  )
  assert.match(notifications[0]?.hint ?? '', /killed before its dump began/)
})

for (const afterBytes of [0, 1, BLOCK_BYTES]) {
  it(`collect() lets the process go and tells when the store refuses after ${afterBytes} bytes`, {
    timeout: 120_000,
  }, async t => {
    const { outside, notices: notifications, messages } = world({ sink: new RefusingSink(afterBytes) })
    const { pipe, done } = run(t, outside, large)
    await assert.rejects(done, /403 Forbidden/)
    assert.notEqual(pipe.closedAt, null)
    assert.deepEqual(
      notifications.map(({ outcome, reason, link }) => ({ outcome, reason, link })),
      [{ outcome: 'lost', reason: '403 Forbidden', link: null }],
    )
    assert.equal(notifications[0]?.report.pod?.name, 'web-0')
    assert.deepEqual(messages(), [])
  })
}

it('collect() stores no report for a core that was not stored', async t => {
  class CoreRefusingSink extends MemorySink {
    override put(key: string, body: Iterable<Uint8Array>): Promise<PutOutcome> {
      return key.endsWith('.gz') ? Promise.reject(new OperatorError('no', 'hint')) : super.put(key, body)
    }
  }
  const sink = new CoreRefusingSink()
  const { outside, notices: notifications } = world({ sink })
  await assert.rejects(run(t, outside).done, /no/)
  assert.equal(sink.objects.size, 0)
  assert.equal(notifications[0]?.hint, 'hint')
})

it('collect() closes the pipe of a pod that did not opt in, stores nothing, and says why', async t => {
  const sink = new MemorySink()
  const {
    outside,
    notices: notifications,
    lines,
  } = world({
    sink,
    runtime: runtimeThat(() => Promise.resolve({ ...web, pod: { ...web.pod, annotations: {} } })),
  })
  const { pipe, done } = run(t, outside)
  assert.equal(await done, null)
  assert.deepEqual([pipe.closedAt === null, sink.objects.size, notifications.length], [false, 0, 0])
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.reason, 'annotation coredog.io/inject not found')
  assert.equal(lines[0]?.pod, 'web-0')
})

it('collect() reads nothing of a pod that is not ours as far as it can be told', async t => {
  const foreign = { ...web, pod: { ...web.pod, annotations: {} } }
  const runtime = { ...runtimeThat(() => Promise.resolve(foreign)), foretell: () => foreign }
  const { pipe, done } = run(t, world({ runtime }).outside)
  assert.equal(await done, null)
  assert.deepEqual([pipe.seenBytes, pipe.closedAt === null], [0, false])
})

it('collect() keeps a core that no runtime answers for, with what the cgroup tells', async t => {
  const { outside } = world({ runtime: runtimeThat(() => Promise.reject(new Error('no socket'))) })
  const report = (await run(t, outside).done) ?? assert.fail()
  assert.ok(validate(report), JSON.stringify(validate.errors))
  assert.match(report.core?.key ?? '', /^corefiles\/_unverified\/node-1\//)
  assert.deepEqual(
    [report.pod, report.container, report.unidentified],
    [{ uid: POD_UID }, { id: CONTAINER_ID }, 'no socket'],
  )
})

const doubtful: { name: string; overrides: Partial<Outside>; bytes?: Buffer }[] = [
  { name: 'the process is gone', overrides: { proc: fakeProc({}) } },
  {
    name: 'the pid was taken by another',
    overrides: { proc: fakeProc(dumpingProcess(4242, { '/proc/self/fdinfo/3': 'Pid:\t-1\n' }, 4243)) },
  },
  { name: 'the core is of another process', overrides: {}, bytes: elfCore({ ...parts, pid: 8 }) },
]
for (const { name, overrides, bytes = core } of doubtful) {
  it(`collect() keeps a core apart, and names nobody, when ${name}`, async t => {
    const report = (await run(t, world(overrides).outside, bytes).done) ?? assert.fail()
    assert.ok(validate(report), JSON.stringify(validate.errors))
    assert.match(report.core?.key ?? '', /^corefiles\/_unverified\/node-1\//)
    assert.deepEqual(
      [report.pod, report.container, report.process?.executable, report.process?.arguments],
      [undefined, undefined, undefined, undefined],
    )
    assert.notEqual(report.unidentified, undefined)
  })
}

const BUILD_ID = randomBytes(20)
const inModule: CoreParts = {
  ...parts,
  instruction: 0x401010n,
  files: [
    { start: 0x400000n, end: 0x401000n, pages: 0n, path: '/app/server' },
    { start: 0x401000n, end: 0x402000n, pages: 1n, path: '/app/server' },
  ],
  memory: [{ address: 0x400000n, bytes: Buffer.concat([elfPage(BUILD_ID), randomBytes(BLOCK_BYTES)]) }],
}
const SINCE = new Date('2026-11-21T00:00:00Z')
const SITE = '8899aabbccddeeff'
const KNOWN = () => pretendedExplainer(SITE, { crash: { reason: 'it was tired' } })
const refusing = (by: Limit): Deduplication => ({
  ...NO_DEDUPLICATION,
  deduplicate: async () => ({ keep: false, by, keeps: 20, since: SINCE, kept: [] }),
})

const AFTER = 'dedupe: {after: stacks}'

it('collect() keeps stacks of a crash that is only counted where they are wanted, if it has a report', async t => {
  for (const [remembered, files] of [
    ['report', ['core.gz', 'report.json']],
    ['word', []],
    ['nothing', []],
  ] as const) {
    const sink = new MemorySink()
    const memory = 'm'.repeat(2 * BLOCK_BYTES)
    const proc = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/mem': memory }, 4243))
    const deduplication = { ...refusing('dedupe'), remember: async () => remembered }
    const { outside } = world({ sink, proc, deduplication })
    const { pipe, done } = run(t, outside, withStack, AFTER)
    const report = (await done) ?? assert.fail()
    assert.ok(validate(report), JSON.stringify(validate.errors))
    assert.deepEqual(
      [...sink.objects.keys()].map(key => path.basename(key)),
      files,
    )
    assert.deepEqual([pipe.seenBytes, pipe.closedAt === null], [BLOCK_BYTES, false])
    const hasCore = remembered === 'report'
    assert.deepEqual(
      [report.core?.complete, report.core?.dump],
      hasCore ? [true, 'stacks'] : [false, undefined],
    )
    if (hasCore)
      assert.deepEqual(memoryOf(storedIn(sink).core).at(-1), [STACK.address, Buffer.alloc(8192, 'm')])
  }
})

it('collect() keeps stacks of a core that has been read when its cluster keeps that of another crash', async t => {
  const sink = new MemorySink()
  const until = new Date('2026-11-21T00:10:00Z')
  const { places } = cluster({ outcome: 'full', place: PLACE, until })
  const asking = places()
  const slow: Places = {
    ...asking,
    take: async (...asked: Parameters<Places['take']>) => {
      await pipe.closed
      return asking.take(...asked)
    },
  }
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    leaveToOthers: async () => ({ keep: false, by: 'dedupe', keeps: 1, since: SINCE, kept: [] }),
  }
  const { outside } = world({ sink, deduplication, places: () => slow, readAhead: () => ALL, explain: KNOWN })
  const bytes = elfCore({
    ...inModule,
    stackPointers: [STACK.address + 4096n],
    memory: [...(inModule.memory ?? []), STACK],
  })
  const { pipe, done } = run(t, outside, bytes, AFTER)
  const report = await done
  assert.deepEqual([report?.core?.complete, report?.core?.dump], [true, 'stacks'])
  assert.deepEqual(memoryOf(storedIn(sink).core).at(-1), [STACK.address, STACK.bytes])
})

it('collect() counts a crash all the same whose stacks the store does not take', async t => {
  const sink = new RefusingSink(0)
  const { outside, messages } = world({ sink, deduplication: refusing('dedupe') })
  await assert.rejects(run(t, outside, withStack, AFTER).done)
  assert.ok(messages().includes('stacks not stored'))
})

it('collect() keeps no core of a crash that is only counted where it is not known where its stacks are', async t => {
  const sink = new MemorySink()
  const { outside } = world({ sink, deduplication: refusing('dedupe') })
  const { pipe, done } = run(t, outside, strange, AFTER)
  assert.equal((await done)?.core?.keptAll, undefined)
  assert.deepEqual(
    [...sink.objects.keys()].map(key => path.basename(key)),
    ['report.json'],
  )
  assert.deepEqual([pipe.seenBytes, pipe.closedAt === null], [BLOCK_BYTES, false])
})

it('collect() keeps of a crash that was kept already a report, and no core', async t => {
  const sink = new MemorySink()
  const asked: Groups[] = []
  const left: [Limit, Notification][] = []
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    deduplicate: async groups => {
      asked.push(groups)
      return { keep: false, by: 'dedupe', keeps: 1, since: SINCE, kept: [] }
    },
    remember: async () => 'report',
    reported: () => assert.fail('a report counted as that of a core'),
    withdraw: () => assert.fail('withdrawn'),
    leave: async (_, by, notification) => void left.push([by, notification]),
  }
  const { outside, notices: notifications, messages } = world({ sink, deduplication, explain: KNOWN })
  const { pipe, done } = run(t, outside, elfCore(inModule))
  const report = (await done) ?? assert.fail()
  assert.ok(validate(report), JSON.stringify(validate.errors))
  const workload = ['pod', 'shop', 'Pod', 'web-0']
  assert.deepEqual(asked, [{ workload, fingerprint: [...workload, 'app', 'memory', SITE] }])
  assert.equal(report.crash?.site, SITE)
  assert.deepEqual(
    [...sink.objects.keys()].map(key => path.basename(key)),
    ['report.json'],
  )
  assert.match(report.core?.incompleteReason ?? '', /kept at 2026-11-21T00:00:00.000Z/)
  assert.notEqual(pipe.closedAt, null)
  assert.deepEqual([messages(), notifications.length], [['crash suppressed'], 0])
  assert.deepEqual(
    left.map(([by, notification]) => [by, notification.outcome, notification.report]),
    [['dedupe', 'suppressed', report]],
  )
})

for (const { remembered, stored, words, reason } of [
  { remembered: 'report', stored: ['report.json'], words: 1, reason: 'it was tired' },
  { remembered: 'word', stored: [], words: 1, reason: 'it was tired' },
  { remembered: 'nothing', stored: [], words: 0, reason: undefined },
] as const) {
  it(`collect() leaves "${remembered}" of a crash that is only counted, and a line of the log`, async t => {
    const sink = new MemorySink()
    const left: Notification[] = []
    const deduplication: Deduplication = {
      ...refusing('dedupe'),
      remember: async () => remembered,
      leave: async (_groups, _by, notification) => void left.push(notification),
    }
    let asked = 0
    const explain = () => {
      const known = KNOWN()
      const counted: typeof known.explain = words => {
        asked += 1
        return known.explain(words)
      }
      return { ...known, explain: counted }
    }
    const { outside, lines } = world({ sink, deduplication, explain })
    const report = await run(t, outside, elfCore(inModule)).done
    assert.equal(asked, words)
    assert.deepEqual(
      [...sink.objects.keys()].map(key => path.basename(key)),
      stored,
    )
    assert.deepEqual([left.length, left[0]?.report.crash?.reason], [words, words === 0 ? undefined : reason])
    assert.deepEqual([report?.crash?.reason, report?.crash?.site], [reason, SITE])
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['crash suppressed'],
    )
  })
}

it('collect() counts a crash that is not explained, by where it was', async t => {
  const folder = new SeenFolder(temporaryFolder(t))
  const owner = { tenant: ['pod', 'shop'], workload: ['pod', 'shop', 'Pod', 'web-0'] }
  const before = { id: '3f2a9c01d4e5', time: SINCE }
  await folder.count(owner, { group: 'v2:0011223344556677', site: SITE }, before)
  const deduplication: Deduplication = { ...refusing('dedupe'), remember: async () => 'nothing' }
  const recurrences = recurrencesIn(folder, pino({ enabled: false }))
  const { outside } = world({ deduplication, recurrences, explain: KNOWN })
  const report = await run(t, outside, elfCore(inModule)).done
  assert.equal(report?.seen?.count, 2)
})

const longer: CoreParts = {
  ...inModule,
  memory: [...(inModule.memory ?? []), { address: 0x900000n, bytes: randomBytes(BLOCK_BYTES + 4096) }],
}

it('collect() explains a crash once it has a slot: beside its core, or when the process was let go', async t => {
  const events: string[] = []
  const explain = () => ({
    ...KNOWN(),
    lookAt: async () => {
      events.push('looked')
      return SITE
    },
    explain: async () => {
      events.push('explained')
      return { explanation: { crash: {} } }
    },
  })
  const waitToStream = async () => {
    events.push('held')
    return true
  }
  const waitToSend = async () => void events.push('let go')
  const kept = run(t, world({ explain, waitToStream, waitToSend }).outside, elfCore(longer))
  await kept.done
  const known = { explain, waitToStream, waitToSend, deduplication: refusing('dedupe') }
  await run(t, world(known).outside, elfCore(longer)).done
  assert.deepEqual(events, ['looked', 'held', 'explained', 'looked', 'let go', 'explained'])
})

it('collect() stores core and report of a crash whose explainer is out of memory, and says why nothing is known', async t => {
  const sink = new MemorySink()
  const explain = () => explainInThread(threadThat(OUT_OF_MEMORY))
  await run(t, world({ sink, explain }).outside, elfCore(longer)).done
  const stored = storedIn(sink)
  assert.deepEqual(stored.core, elfCore(longer))
  assert.equal(stored.report.crash?.site, '5177e')
  assert.match(
    stored.report.crash?.unexplained ?? '',
    /^it could not be explained: Worker terminated due to reaching memory limit/,
  )
})

it('collect() has one limit for all that it asks the memory of a process, and stores the core where it hangs', {
  timeout: 60_000,
}, async t => {
  const hung = Promise.withResolvers<null>()
  const proc = { ...fakeProc(dumpingProcess(4242, {}, 4243)), memory: () => hung.promise }
  const sink = new MemorySink()
  const memory = [{ address: 0x900000n, bytes: randomBytes(4096) }]
  const elsewhere = elfCore({ ...inModule, stackPointers: [0x900800n], memory })
  await run(t, world({ sink, proc }).outside, elsewhere).done
  hung.resolve(null)
  const stored = storedIn(sink)
  assert.deepEqual(stored.core, elsewhere)
  assert.equal(stored.report.crash?.unexplained, 'the process could not be looked at within 1 s')
})

it('collect() begins to explain a crash while the runtime is asked whose it is, if that is known already', async t => {
  const events: string[] = []
  const explain = () => {
    events.push('begun')
    return KNOWN()
  }
  const describe: Runtime['describe'] = async () => {
    events.push('answered')
    return web
  }
  await run(t, world({ explain, runtime: { describe, foretell: () => web } }).outside).done
  const unknown = { ...web, pod: { ...web.pod, annotations: {} } }
  await run(t, world({ explain, runtime: { describe, foretell: () => unknown } }).outside).done
  await run(t, world({ explain, runtime: { describe } }).outside).done
  assert.deepEqual(events, ['begun', 'answered', 'answered', 'begun', 'answered', 'begun'])
})

it('collect() begins to explain no crash that is not for us, and ends what it began', async t => {
  const events: string[] = []
  const explain = () => {
    events.push('begun')
    return { ...KNOWN(), end: async () => void events.push('ended') }
  }
  await run(t, world({ explain }).outside, core, 'collect: {pods: none}').done
  assert.deepEqual(events, [])
  await assert.rejects(run(t, world({ explain, sink: new RefusingSink(1) }).outside).done)
  assert.deepEqual([...new Set(events)], ['begun', 'ended'])
})

it('collect() says in the report of a crash that is not kept where the one is that was', async t => {
  const core = { key: 'shop/web-1/app/1/core.gz', url: 's3://cores/shop/web-1/app/1/core.gz' }
  const since = new Date('2026-11-21T00:00:00Z')
  const verdict = { keep: false, by: 'dedupe', keeps: 1, since, kept: [], core } as const
  const deduplication = { ...NO_DEDUPLICATION, deduplicate: () => Promise.resolve(verdict) }
  const report = await run(t, world({ deduplication }).outside, elfCore(inModule)).done
  assert.ok(validate(report), JSON.stringify(validate.errors))
  assert.deepEqual(report?.core?.kept, core)
})

it('collect() says where a core will be before it is stored, so that crashes that come meanwhile can', async t => {
  const sink = new MemorySink()
  const said: (string | undefined)[] = []
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    deduplicate: async (_, { core }) => {
      said.push(core?.key, core?.url)
      return { keep: true, suppressed: 0 }
    },
  }
  const report = await run(t, world({ deduplication, sink }).outside, elfCore(inModule)).done
  assert.deepEqual(said, [report?.core?.key, report?.core?.url])
})

it('collect() says that a workload had enough cores kept', async t => {
  const report = await run(t, world({ deduplication: refusing('perWorkload') }).outside).done
  assert.match(
    report?.core?.incompleteReason ?? '',
    /20 cores kept .* since 2026-11-21T00:00:00.000Z.*limits\.perWorkload/,
  )
})

it('collect() says how many like it were not kept', async t => {
  const deduplication = {
    ...NO_DEDUPLICATION,
    deduplicate: () => Promise.resolve({ keep: true, suppressed: 36 } as const),
  }
  assert.equal((await run(t, world({ deduplication }).outside, elfCore(inModule)).done)?.suppressed, 36)
})

it('collect() says it in the spool too, before the core is sent', async t => {
  const deduplication = {
    ...NO_DEDUPLICATION,
    deduplicate: () => Promise.resolve({ keep: true, suppressed: 36 } as const),
  }
  const drafts: (number | undefined)[] = []
  const { outside } = world({ deduplication })
  const spool: Outside['spool'] = async ({ report }, _) => {
    drafts.push(report.suppressed)
    return Spooling.none(outside.log)
  }
  await run(t, { ...outside, spool }, elfCore(inModule)).done
  assert.deepEqual(drafts, [36])
})

it('collect() keeps a core when the repeats cannot be counted', async t => {
  const { outside, messages } = world({
    deduplication: { ...NO_DEDUPLICATION, deduplicate: () => Promise.reject(new Error('disk full')) },
  })
  assert.equal((await run(t, outside, elfCore(inModule)).done)?.core?.complete, true)
  assert.deepEqual(messages(), ['repeats not counted', 'crash stored'])
})

const unkept: { name: string; sink: MemorySink; bytes: Buffer; from: Limit[] }[] = [
  { name: 'was lost', sink: new RefusingSink(1), bytes: elfCore(inModule), from: ['dedupe', 'perWorkload'] },
  {
    name: 'is not whole',
    sink: new MemorySink(),
    bytes: elfCore(inModule).subarray(0, -4096),
    from: ['dedupe'],
  },
]
for (const { name, sink, bytes, from } of unkept) {
  it(`collect() counts no crash whose core ${name}: the next one must be kept`, async t => {
    const admitted: Groups[] = []
    const withdrawn: [Groups, readonly Limit[]][] = []
    const deduplication: Deduplication = {
      ...NO_DEDUPLICATION,
      deduplicate: async groups => {
        admitted.push(groups)
        return { keep: true, suppressed: 0 }
      },
      withdraw: async (groups, _, limits) => void withdrawn.push([groups, limits]),
    }
    await run(t, world({ sink, deduplication, explain: KNOWN }).outside, bytes).done.catch(() => null)
    assert.notEqual(admitted[0]?.fingerprint, null)
    assert.deepEqual(withdrawn, [[admitted[0], from]])
  })
}

const PLACE = '_groups/prod/shop/Pod.web-0/0123456789abcdef0123456789abcdef/kept/1763700000.000000-0'

/** A cluster that answers so. */
function cluster(taken: Taken, core: CoreLocation | null = null) {
  const claims: Claim[] = []
  const given: string[] = []
  const places: Places = {
    take: async (_, claim) => {
      claims.push(claim)
      return taken
    },
    giveBack: async place => void given.push(place),
    coreAt: async () => core,
  }
  return { claims, given, places: () => places }
}

it('collect() has the place of a core that its cluster keeps in the spool, and says where it will be', async t => {
  const { claims, places, given } = cluster({ outcome: 'won', place: PLACE })
  const settled: unknown[] = []
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    settle: async (_, { core }, place) => void settled.push(core?.key, place),
  }
  const drafts: (string | undefined)[] = []
  const { outside } = world({ deduplication, places, explain: KNOWN })
  const spool: Outside['spool'] = async ({ place }, _) => {
    drafts.push(place)
    return Spooling.none(outside.log)
  }
  const report = await run(t, { ...outside, spool }, elfCore(inModule)).done
  assert.deepEqual([drafts, settled, given], [[PLACE], [report?.core?.key, PLACE], []])
  assert.deepEqual(
    claims.map(({ id, node, core }) => [id, node, core]),
    [[report?.id, 'node-1', report?.core?.key?.replace('corefiles/', '')]],
  )
})

it('collect() reads on while its cluster is asked, and drops it when the core is kept of another crash', async t => {
  const sink = new MemorySink()
  const until = new Date('2026-11-21T00:10:00Z')
  const core = { key: 'shop/web-1/app/1/core.gz', url: 's3://cores/shop/web-1/app/1/core.gz' }
  const { places } = cluster({ outcome: 'full', place: PLACE, until }, core)
  const asking = places()
  const heard: boolean[] = []
  const slow = {
    ...asking,
    take: async (...asked: Parameters<Places['take']>) => {
      // Long enough to have read all there is.
      await pipe.closed
      heard.push(asked[1].isHeld())
      return asking.take(...asked)
    },
  }
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    leaveToOthers: async () => ({ keep: false, by: 'dedupe', keeps: 1, since: SINCE, kept: [] }),
  }
  const { outside } = world({ sink, deduplication, places: () => slow, readAhead: () => ALL, explain: KNOWN })
  const { pipe, done } = run(t, outside, elfCore(inModule))
  const report = (await done) ?? assert.fail()
  assert.ok(validate(report), JSON.stringify(validate.errors))
  assert.deepEqual(
    [heard, [...sink.objects.keys()].map(key => path.basename(key))],
    [[false], ['report.json']],
  )
  assert.deepEqual(report.core, {
    complete: false,
    incompleteReason: report.core?.incompleteReason,
    kept: core,
  })
  assert.match(report.core?.incompleteReason ?? '', /in the cluster, .* until 2026-11-21T00:10:00\.000Z$/)
})

for (const { name, sink, bytes } of unkept)
  it(`collect() gives back the place of a core that ${name}`, async t => {
    const { places, given } = cluster({ outcome: 'won', place: PLACE })
    await run(t, world({ sink, places, explain: KNOWN }).outside, bytes).done.catch(() => null)
    assert.deepEqual(given, [PLACE])
  })

it('collect() keeps what its cluster does not answer for', async t => {
  const { places, given } = cluster({ outcome: 'unanswered', place: PLACE })
  const report = await run(t, world({ places, explain: KNOWN }).outside, elfCore(inModule)).done
  assert.deepEqual([report?.core?.complete, given], [true, []])
})

/** A cluster that answers when the core is on its way: when the store has its first bytes, or all of it. */
function lateCluster(answer: Taken, when: 'begun' | 'whole') {
  const later = Promise.withResolvers<Taken>()
  const sink = new (class extends MemorySink {
    override async put(key: string, body: Bytes): Promise<PutOutcome> {
      const isCore = path.basename(key) === 'core.gz'
      const outcome = await super.put(key, isCore && when === 'begun' ? announced(body, later) : body)
      if (isCore) later.resolve(answer)
      return outcome
    }
  })()
  async function* announced(body: Bytes, { resolve }: typeof later): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      resolve(answer)
      yield chunk
    }
  }
  return { sink, ...cluster({ outcome: 'unanswered', place: PLACE, later: later.promise }) }
}

const threeBlocks = elfCore({
  ...inModule,
  memory: [{ address: 0x400000n, bytes: Buffer.concat([elfPage(BUILD_ID), randomBytes(3 * BLOCK_BYTES)]) }],
})
const OTHERS: Taken = { outcome: 'full', place: PLACE, until: new Date('2026-11-21T00:10:00Z') }

it('collect() drops a core that is on its way when its cluster says that others are kept', async t => {
  const { sink, places, given } = lateCluster(OTHERS, 'begun')
  const [left, notified]: [Groups[], Notification[]] = [[], []]
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    leaveToOthers: async groups => {
      left.push(groups)
      return { keep: false, by: 'dedupe', keeps: 1, since: SINCE, kept: [] }
    },
    withdraw: () => assert.fail('withdrawn'),
    leave: async (_, __, notification) => void notified.push(notification),
  }
  const { outside, notices, messages } = world({ sink, deduplication, places, explain: KNOWN })
  const dir = temporaryFolder(t)
  const spool: Outside['spool'] = (draft, holding) =>
    Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), pino({ enabled: false }))
  const { pipe, done } = run(t, { ...outside, spool }, threeBlocks)
  const report = (await done) ?? assert.fail()
  assert.ok(validate(report), JSON.stringify(validate.errors))
  assert.match(report.core?.incompleteReason ?? '', /in the cluster, .* until 2026-11-21T00:10:00\.000Z$/)
  assert.deepEqual(
    [[...sink.objects.keys()].map(key => path.basename(key)), await spooledIn(dir), given],
    [['report.json'], [], []],
  )
  assert.ok(pipe.seenBytes < threeBlocks.length && pipe.closedAt !== null)
  assert.deepEqual([left.length, notified.length, notices.length], [1, 1, 0])
  assert.ok(messages().includes('crash suppressed'))
})

it('collect() has a crash whose core was dropped in the spool until it is counted, or left there', async t => {
  for (const takesReport of [true, false]) {
    const { sink, places } = lateCluster(OTHERS, 'begun')
    const put = sink.put.bind(sink)
    sink.put = (key, body) =>
      takesReport || key.endsWith('core.gz') ? put(key, body) : Promise.reject(new Error('503'))
    const dir = temporaryFolder(t)
    const recordsIn = async () =>
      Promise.all((await spooledIn(dir)).map(async folder => (await readSpooled(folder))?.record))
    const seen: unknown[] = []
    const remember: Deduplication['remember'] = async () => {
      for (const record of await recordsIn())
        seen.push([record?.core, record?.sealed, record?.told, record?.report.core?.incompleteReason])
      return 'report'
    }
    const { outside } = world({
      ...{ sink, places, explain: KNOWN },
      deduplication: { ...NO_DEDUPLICATION, remember },
    })
    const spool: Outside['spool'] = (draft, holding) =>
      Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), outside.log)
    const report = await run(t, { ...outside, spool }, threeBlocks).done
    const reason = report?.core?.incompleteReason ?? ''
    assert.deepEqual([/in the cluster/.test(reason), seen], [true, [[null, true, false, reason]]])
    const left = (await recordsIn()).map(record => [record?.writer, record?.told, record?.core])
    assert.deepEqual(left, takesReport ? [] : [[null, true, null]])
  }
})

it('collect() counts for others a core that was dropped while it asked for the quota of its namespace', async t => {
  const later = Promise.withResolvers<Taken>()
  const { places } = cluster({ outcome: 'unanswered', place: PLACE, later: later.promise })
  const quota = async () => {
    // All of it is in memory by then, and nothing once it is dropped.
    await pipe.closed
    later.resolve(OTHERS)
    await new Promise(setImmediate)
    return { usedBytes: 10, limitBytes: 10 }
  }
  const { outside, messages } = world({ places, quota, readAhead: () => ALL, explain: KNOWN })
  const stack = { address: STACK.address, bytes: randomBytes(8192) }
  const memory = [{ address: 0x400000n, bytes: Buffer.alloc(3 * BLOCK_BYTES, elfPage(BUILD_ID)) }, stack]
  const { pipe, done } = run(
    t,
    outside,
    elfCore({ ...inModule, stackPointers: [STACK.address + 16n], memory }),
  )
  const report = (await done) ?? assert.fail()
  assert.match(report.core?.incompleteReason ?? '', /in the cluster/)
  assert.deepEqual(messages(), ['crash suppressed'])
})

it('collect() counts for others a core that was dropped also where the disk of its node does not go along', async t => {
  const { sink, places } = lateCluster(OTHERS, 'begun')
  const deduplication = { ...NO_DEDUPLICATION, leaveToOthers: () => Promise.reject(new Error('EIO')) }
  const { outside, messages } = world({ sink, deduplication, places, explain: KNOWN })
  const report = (await run(t, outside, threeBlocks).done) ?? assert.fail()
  assert.match(report.core?.incompleteReason ?? '', /in the cluster/)
  assert.deepEqual([report.core?.complete, messages().includes('repeats not counted')], [false, true])
})

it('collect() keeps a core that is whole when its cluster says that others are kept', async t => {
  const { sink, places, given } = lateCluster(OTHERS, 'whole')
  const deduplication = { ...NO_DEDUPLICATION, leaveToOthers: () => assert.fail('left to others') }
  const { outside } = world({ sink, deduplication, places, explain: KNOWN })
  const report = await run(t, outside, threeBlocks).done
  assert.deepEqual(
    [report?.core?.complete, storedIn(sink).core.length, given],
    [true, threeBlocks.length, []],
  )
})

it('collect() gives back the place that its cluster had for it later, when the core is lost', async t => {
  const place = PLACE.replace(/0$/, '1')
  const { sink, places, given } = lateCluster({ outcome: 'won', place }, 'begun')
  const put = sink.put.bind(sink)
  sink.put = async (key, body) => {
    await put(key, body)
    throw new Error('503 SlowDown')
  }
  await assert.rejects(run(t, world({ sink, places, explain: KNOWN }).outside, threeBlocks).done)
  assert.deepEqual(given, [place])
})

it('collect() gives back the place that its cluster says it has once the core is lost', async t => {
  const place = PLACE.replace(/0$/, '1')
  for (const answer of [{ outcome: 'won', place } as const, { outcome: 'unanswered', place } as const]) {
    const later = Promise.withResolvers<Taken>()
    const { places, given } = cluster({ outcome: 'unanswered', place: null, later: later.promise })
    const withdraw = async () => later.resolve(answer)
    const { outside, notices } = world({
      ...{ sink: new RefusingSink(1), places, explain: KNOWN },
      deduplication: { ...NO_DEDUPLICATION, withdraw },
    })
    await assert.rejects(run(t, outside, threeBlocks).done)
    assert.deepEqual([given, notices.map(({ outcome }) => outcome)], [[place], ['lost']])
  }
})

it('collect() notes the place that its cluster has for it later, where the installer looks after a kill', async t => {
  const place = PLACE.replace(/0$/, '1')
  const later = Promise.withResolvers<Taken>()
  const settled = Promise.withResolvers<void>()
  const { places } = cluster({ outcome: 'unanswered', place: PLACE, later: later.promise })
  const keys: (string | null)[] = []
  const deduplication: Deduplication = {
    ...NO_DEDUPLICATION,
    settle: async (_, __, key) => {
      if (keys.push(key) === 2) settled.resolve()
    },
  }
  const dir = temporaryFolder(t)
  const placesIn = async () =>
    Promise.all((await spooledIn(dir)).map(async folder => (await readSpooled(folder))?.record.place))
  const noted: unknown[] = []
  const sink = new (class extends MemorySink {
    override async put(key: string, body: Bytes): Promise<PutOutcome> {
      if (path.basename(key) !== 'core.gz') return super.put(key, body)
      noted.push(...(await placesIn()))
      later.resolve({ outcome: 'won', place })
      await settled.promise
      while (!(await placesIn()).includes(place)) await new Promise(setImmediate)
      return super.put(key, body)
    }
  })()
  const { outside } = world({ sink, places, deduplication, explain: KNOWN })
  const spool: Outside['spool'] = (draft, holding) =>
    Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), outside.log)
  const report = await run(t, { ...outside, spool }, threeBlocks).done
  assert.deepEqual(
    [report?.core?.complete, noted, keys, await spooledIn(dir)],
    [true, [PLACE], [PLACE, place], []],
  )
})

it('collect() asks its cluster for nothing that its node does not keep, or that has no site', async t => {
  const { places, claims } = cluster({ outcome: 'won', place: PLACE })
  const refused = world({ places, deduplication: refusing('dedupe'), explain: KNOWN }).outside
  await run(t, refused, elfCore(inModule)).done
  await run(t, world({ places }).outside).done
  assert.deepEqual(claims, [])
})

it('collect() does not take crashes for one of which it does not know where they were', async t => {
  const asked: Groups[] = []
  const deduplicate: Deduplication['deduplicate'] = async groups => {
    asked.push(groups)
    return { keep: true, suppressed: 0 }
  }
  await run(t, world({ deduplication: { ...NO_DEDUPLICATION, deduplicate } }).outside).done
  assert.deepEqual(
    asked.map(groups => groups.fingerprint),
    [null],
  )
})

const inLibrary: CoreParts = {
  ...inModule,
  memory: [{ address: 0x1000n, bytes: randomBytes(BLOCK_BYTES) }, ...(inModule.memory ?? [])],
}

it('collect() reads the build from the memory of the crashed thread where the core has it later', async t => {
  const proc = fakeProc(
    dumpingProcess(4242, { '/proc/4242/task/4243/mem': elfPage(BUILD_ID).toString('latin1') }, 4243),
  )
  const report = await run(t, world({ proc }).outside, elfCore(inLibrary)).done
  assert.equal(report?.crash?.buildId, BUILD_ID.toString('hex'))
  assert.notEqual(report.crash.signature, undefined)
})

it('collect() asks /proc for the files that the kernel leaves out of the core of very many mappings', async t => {
  const { files: _, ...withoutFiles } = inModule
  const maps = [
    '00400000-00401000 r--p 00000000 fe:00 132867                             /app/server (deleted)',
    '00401000-00402000 r-xp 00001000 fe:00 132867                             /app/server (deleted)',
    '',
  ].join('\n')
  const proc = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/maps': maps }, 4243))
  const report = await run(t, world({ proc }).outside, elfCore(withoutFiles)).done
  const { signature, ...site } = report?.crash ?? {}
  assert.notEqual(signature, undefined)
  assert.deepEqual(site, {
    module: '/app/server',
    offset: '0x1010',
    address: '0x401010',
    buildId: BUILD_ID.toString('hex'),
  })
})

it('collect() says that it was abort() where the first process of a container dies of the hlt at its end', async t => {
  const aborted = elfCore({
    ...inModule,
    pid: 1,
    signal: { number: 11, code: 128, address: 0n },
    files: (inModule.files ?? []).map(file => ({ ...file, path: '/usr/lib/libc.so.6' })),
    memory: [{ address: 0x400000n, bytes: elfPage(BUILD_ID) }],
  })
  const seen = dumpingProcess(4242, { '/proc/4242/task/4243/mem': '\xf4\x83\x3d\x69' }, 4243)
  const status = seen['/proc/4242/task/4243/status']?.replace('NStgid:\t4242\t7', 'NStgid:\t4242\t1') ?? ''
  const proc = fakeProc({ ...seen, '/proc/4242/task/4243/status': status })
  const report = await run(t, world({ proc }).outside, aborted).done
  assert.deepEqual(report?.signal, { number: 11, name: 'SIGSEGV', code: 'SI_KERNEL', call: 'abort()' })
})

it('collect() signs no crash of which it cannot know the build before it decides', async t => {
  const report = await run(t, world().outside, elfCore(inLibrary)).done
  assert.deepEqual(report?.crash, { module: '/app/server', offset: '0x1010' })
})

const outcomes: {
  name: string
  overrides: Partial<Outside>
  report: (seen: Seen) => CrashReport | undefined
}[] = [
  { name: 'kept', overrides: {}, report: ({ sink }) => storedReport(sink) },
  {
    name: 'suppressed',
    overrides: { deduplication: refusing('dedupe') },
    report: ({ sink }) => storedReport(sink),
  },
  {
    name: 'over the limit',
    overrides: { deduplication: refusing('perWorkload') },
    report: ({ sink }) => storedReport(sink),
  },
  {
    name: 'lost',
    overrides: { sink: new RefusingSink(1) },
    report: ({ notices: notifications }) => notifications[0]?.report,
  },
  { name: 'in the spool', overrides: {}, report: ({ draft }) => draft },
]
for (const { name, overrides, report } of outcomes) {
  it(`collect() says where it crashed of a crash that is ${name}`, async t => {
    const sink = new MemorySink()
    const { outside, notices: notifications } = world({ sink, ...overrides })
    let draft: CrashReport | undefined
    const spool: Outside['spool'] = async begun => {
      draft = begun.report
      return Spooling.none(outside.log)
    }
    await run(t, { ...outside, spool }, elfCore(inModule)).done.catch(() => null)
    const { signature, ...site } =
      report({ sink, notices: notifications, draft })?.crash ?? assert.fail('no crash')
    assert.match(signature ?? '', /^[0-9a-f]{16}$/)
    assert.deepEqual(site, {
      module: '/app/server',
      offset: '0x1010',
      address: '0x401010',
      buildId: BUILD_ID.toString('hex'),
    })
  })
}

interface Seen {
  readonly sink: MemorySink
  readonly notices: readonly Notification[]
  readonly draft: CrashReport | undefined
}

function storedReport({ objects }: MemorySink): CrashReport | undefined {
  const [, body] = [...objects].find(([key]) => key.endsWith('/report.json')) ?? []
  return JSON.parse(String(body))
}

it('collect() forwards a host process', async t => {
  const forwarded: number[] = []
  const { outside, lines } = world({
    proc: fakeProc(
      dumpingProcess(4242, { '/proc/4242/task/4243/cgroup': '0::/system.slice/sshd.service\n' }, 4243),
    ),
    forward: ({ pid }) => {
      forwarded.push(pid)
      return Promise.resolve({ to: '/usr/lib/systemd/systemd-coredump' })
    },
  })
  assert.equal(await run(t, outside).done, null)
  assert.deepEqual(forwarded, [4242])
  assert.deepEqual([lines[0]?.msg, lines[0]?.to], ['crash forwarded', '/usr/lib/systemd/systemd-coredump'])
})

it('collect() forwards the whole core of a container that was taken for one of a pod', async t => {
  const docker = `0::/system.slice/docker-${'5'.repeat(64)}.scope\n`
  const forwarded: Buffer[] = []
  const { outside } = world({
    proc: fakeProc(dumpingProcess(4242, { '/proc/4242/task/4243/cgroup': docker }, 4243)),
    runtime: { describe: () => Promise.resolve(null), foretell: () => web },
    forward: async (_args, _observed, pipe, taken) => {
      assert.ok(taken.length > 0)
      const rest = Buffer.alloc(large.length)
      const restBytes = await pipe.fill(rest)
      forwarded.push(...taken.map(piece => Buffer.from(piece)), rest.subarray(0, restBytes))
      return { to: '/previous' }
    },
  })
  assert.equal(await run(t, outside, large).done, null)
  assert.ok(Buffer.concat(forwarded).equals(large))
})

it('collect() says why a host process went to nobody', async t => {
  const { outside, lines } = world({
    proc: fakeProc(
      dumpingProcess(4242, { '/proc/4242/task/4243/cgroup': '0::/system.slice/sshd.service\n' }, 4243),
    ),
    forward: () => Promise.resolve({ dropped: 'no previous core_pattern is known' }),
  })
  assert.equal(await run(t, outside).done, null)
  assert.deepEqual([lines[0]?.msg, lines[0]?.reason], ['crash skipped', 'no previous core_pattern is known'])
})

it('collect() keeps a host process under its node when asked to', async t => {
  const { outside } = world({
    proc: fakeProc(
      dumpingProcess(4242, { '/proc/4242/task/4243/cgroup': '0::/system.slice/sshd.service\n' }, 4243),
    ),
  })
  const report = await run(t, outside, core, 'collect: {hostProcesses: collect}').done
  assert.match(report?.core?.key ?? '', /^corefiles\/_host\/node-1\//)
})

it('collect() stores the crash although no link can be made and nobody can be told', async t => {
  class LinklessSink extends MemorySink {
    override link(): Promise<string | null> {
      return Promise.reject(new Error('no credentials'))
    }
  }
  const { outside, messages } = world({
    sink: new LinklessSink(),
    notifier: {
      tell: () => Promise.resolve([{ channel: 'slack#1', outcome: 'failed', reason: 'HTTP 500' }]),
    },
  })
  assert.notEqual(await run(t, outside).done, null)
  assert.deepEqual(messages(), ['crash stored', 'link not made', 'notice failed'])
})

it('collect() reports the workload that a pod belongs to', async t => {
  const workload = { kind: 'Deployment', name: 'web' }
  const runtime = runtimeThat(async () => ({ ...web, pod: { ...web.pod, workload } }))
  const report = await run(t, world({ runtime }).outside).done
  assert.ok(validate(report), JSON.stringify(validate.errors))
  assert.deepEqual(report?.pod?.workload, workload)
})

it('collect() asks the runtime when it is its turn, and lets the next one ask', async t => {
  const events: string[] = []
  const turn = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const runtime = runtimeThat(async () => {
    events.push('asked')
    return web
  })
  const waitToInspect = async () => {
    asked.resolve()
    await turn.promise
    return { end: () => void events.push('end') }
  }
  const { done } = run(t, world({ runtime, waitToInspect }).outside)
  await asked.promise
  await new Promise(setImmediate)
  assert.deepEqual(events, [])
  turn.resolve()
  await done
  assert.deepEqual(events, ['asked', 'end'])
})

it('collect() notes a crash before it looks, again when it knows more, and forgets it in the end', async t => {
  const events: string[] = []
  const proc = fakeProc(dumpingProcess(4242, {}, 4243), () => void events.push('look'))
  const { outside } = world({
    proc,
    beginnings: {
      note: async ({ identity, isWanted, args }) =>
        void events.push(`${args.comm}: ${identity?.kind}, ${isWanted ? 'wanted' : 'not known'}`),
      forget: async () => void events.push('forgotten'),
    },
    waitToSend: async () => void events.push('waits'),
  })
  await run(t, outside).done
  assert.deepEqual(
    events.filter(event => event !== 'look'),
    [
      'my app: undefined, not known',
      'my app: container, not known',
      'my app: container, wanted',
      'waits',
      'forgotten',
    ],
  )
  assert.equal(events.indexOf('look'), 1)
})

for (const { name, yaml, sink } of [
  { name: 'skips', yaml: 'collect: {pods: none}', sink: new MemorySink() },
  { name: 'stores', yaml: '', sink: new MemorySink() },
  { name: 'loses', yaml: '', sink: new RefusingSink(1) },
]) {
  it(`collect() leaves no beginning of a crash that it ${name}`, async t => {
    const there = new Set<string>()
    const beginnings = {
      note: async ({ id }: { id: string }) => void there.add(id),
      forget: async (id: string) => void there.delete(id),
    }
    await run(t, world({ beginnings, sink }).outside, core, yaml).done.catch(() => null)
    assert.deepEqual([...there], [])
  })
}

it('collect() says how often crashes like it came, and counts one that is lost once', async t => {
  const recurrences = recurrencesIn(new SeenFolder(temporaryFolder(t)), pino({ enabled: false }))
  const explain = () =>
    pretendedExplainer(null, { crash: { group: 'v2:0011223344556677', site: '8899aabbccddeeff' } })
  const image = web.container?.image
  const seen = async (sink = new MemorySink()) => {
    await run(t, world({ recurrences, explain, sink }).outside).done
    return storedIn(sink).report.seen
  }
  const first = await seen()
  assert.deepEqual([first?.count, first?.firstImage, first?.first], [1, image, first?.last])
  // The report is refused: it is explained again, for those who are told that it is lost.
  const { outside, notices } = world({ recurrences, explain, sink: new RefusingSink(2) })
  await assert.rejects(run(t, outside).done)
  assert.equal(notices[0]?.report.seen?.count, 2)
  const third = await seen()
  assert.deepEqual([third?.count, third?.first], [3, first?.first])
})

const SAID = '2025-11-21T04:40:00.000000001Z stderr F'
const PANIC = `${SAID} panic: no cart for hunter2hunter2\n`

/** A world in which the container has that log. */
function worldWithLog(test: TestContext, log: string, overrides: Partial<Outside> = {}) {
  const logPath = path.join(temporaryFolder(test), '0.log')
  writeFileSync(logPath, log)
  const container = { ...(web.container ?? assert.fail()), logPath }
  return world({
    runtime: runtimeThat(async () => ({ ...web, container })),
    openLog: ContainerLog.open,
    mountedSecrets: async () => [Buffer.from('hunter2hunter2')],
    ...overrides,
  })
}

it('collect() stores the last lines of the log before the report, which has what the runtime said', async t => {
  const sink = new MemorySink()
  const log = `${SAID} paid by hunter2hunter2\n${PANIC}${SAID} \tmain.go:7\u0007\n`
  const report = await run(t, worldWithLog(t, log, { sink }).outside).done
  const keys = [...sink.objects.keys()]
  assert.deepEqual(
    keys.map(key => path.basename(key)),
    ['core.gz', 'log.txt', 'report.json'],
  )
  const text = String(sink.objects.get(keys[1] ?? ''))
  const [time] = SAID.split(' ')
  assert.equal(
    text,
    [`paid by ***`, `panic: no cart for ***`, `\tmain.go:7\\x07`]
      .map(line => `${time} stderr ${line}\n`)
      .join(''),
  )
  const stored = JSON.parse(String(sink.objects.get(keys[2] ?? '')))
  assert.deepEqual(stored.log, {
    key: `corefiles/${keys[1]}`,
    url: `memory://${keys[1]}`,
    lines: 3,
    sizeBytes: text.length,
  })
  assert.deepEqual(stored.crash.lastWords, ['panic: no cart for ***'])
  assert.equal(validate(stored), true, JSON.stringify(validate.errors))
  assert.deepEqual(report?.crash?.lastWords, stored.crash.lastWords)
})

it('collect() keeps as many lines as collect.logLines says, and opens no log where that is 0', async t => {
  const sink = new MemorySink()
  await run(t, worldWithLog(t, PANIC.repeat(9), { sink }).outside, core, 'collect: {logLines: 2}').done
  const report = JSON.parse(String(sink.objects.get([...sink.objects.keys()][2] ?? '')))
  assert.equal(report.log.lines, 2)
  const none = await run(
    t,
    worldWithLog(t, PANIC, { openLog: () => assert.fail('it is opened') }).outside,
    core,
    'collect: {logLines: 0}',
  ).done
  assert.deepEqual([none?.log, none?.crash?.lastWords], [undefined, undefined])
})

it('collect() keeps 64 KiB of a log at most, and of a line 4 KiB', async t => {
  const sink = new MemorySink()
  const line = `${SAID} ${'\u202e'.repeat(300)}\n`
  const long = `${SAID} ${'é'.repeat(9000)}\n`
  await run(t, worldWithLog(t, line.repeat(200) + long, { sink }).outside).done
  const text = String(sink.objects.get([...sink.objects.keys()][1] ?? ''))
  assert.ok(Buffer.byteLength(text) > 60_000 && Buffer.byteLength(text) <= 65_536)
  const last = text.split('\n').at(-2) ?? ''
  assert.equal(Array.from(last.split(' ').at(-1) ?? '').length, 4096)
})

it('collect() stores a crash of which the log cannot be stored', async t => {
  class LogRefusingSink extends MemorySink {
    override put(key: string, body: Iterable<Uint8Array>): Promise<PutOutcome> {
      return key.endsWith('log.txt') ? Promise.reject(new Error('403 Forbidden')) : super.put(key, body)
    }
  }
  const sink = new LogRefusingSink()
  const { outside, messages } = worldWithLog(t, PANIC, { sink })
  const report = await run(t, outside).done
  assert.deepEqual([report?.log, report?.crash?.lastWords?.length], [undefined, 1])
  assert.deepEqual(messages(), ['log of the container not stored', 'crash stored'])
  assert.equal(sink.objects.size, 2)
})

it('collect() keeps the log of a crash that is only counted, as long as its report is', async t => {
  for (const [remembered, names] of [
    ['report', ['log.txt', 'report.json']],
    ['nothing', []],
  ] as const) {
    const sink = new MemorySink()
    const deduplication = { ...refusing('dedupe'), remember: async () => remembered }
    await run(t, worldWithLog(t, PANIC, { sink, deduplication }).outside).done
    assert.deepEqual(
      [...sink.objects.keys()].map(key => path.basename(key)),
      names,
    )
  }
})

it('collect() keeps no log where it is not certain whose the process was', async t => {
  const sink = new MemorySink()
  const other = elfCore({ ...parts, pid: 8 })
  const report = await run(t, worldWithLog(t, PANIC, { sink }).outside, other).done
  assert.deepEqual([report?.log, report?.crash?.lastWords], [undefined, undefined])
  assert.equal(sink.objects.size, 2)
})

it('collect() leaves the log in the spool where the store is away, for the installer to store', async t => {
  const dir = path.join(temporaryFolder(t), 'spool')
  class ReportRefusingSink extends MemorySink {
    override put(key: string, body: Iterable<Uint8Array>): Promise<PutOutcome> {
      return key.endsWith('.gz') ? super.put(key, body) : Promise.reject(new Error('connect ECONNREFUSED'))
    }
  }
  const spool: Outside['spool'] = (draft, holding) =>
    Spooling.begin(draft, holding, configured(`spool: {dir: "${dir}"}`), pino({ enabled: false }))
  await run(t, worldWithLog(t, PANIC, { sink: new ReportRefusingSink(), spool }).outside).done
  const [folder = assert.fail('the spool is empty')] = await spooledIn(dir)
  const spooled = (await readSpooled(folder)) ?? assert.fail('there is no record')
  assert.match((await readSpooledLog(spooled)) ?? '', / stderr panic: no cart for \*\*\*\n$/)
  assert.deepEqual([spooled.record.log?.lines, spooled.record.report.log], [1, undefined])
})

it('collect() tells chats the last lines where notify.logLines says so, and of no other line', async t => {
  const log = `${SAID} paid by hunter2hunter2 with token=4111\n`
  const channel = 'NoticeChannel: [{chan: slack, webhookurl: "https://hooks.slack.com/x"}]\n'
  const toldWith = async (yaml: string) => {
    const { outside, notices } = worldWithLog(t, log)
    await run(t, outside, core, channel + yaml).done
    return notices[0]?.lastLines
  }
  assert.equal(await toldWith(''), undefined)
  assert.equal(await toldWith('notify: {logLines: 5, detail: frames}'), undefined)
  assert.deepEqual(await toldWith('notify: {logLines: 5}'), ['paid by *** with token=***'])
})

it('collect() tells the last lines of a crash that is lost, too', async t => {
  const { outside, notices } = worldWithLog(t, PANIC, { sink: new RefusingSink(1) })
  const yaml =
    'NoticeChannel: [{chan: slack, webhookurl: "https://hooks.slack.com/x"}]\nnotify: {logLines: 5}'
  await assert.rejects(run(t, outside, core, yaml).done)
  assert.deepEqual(
    [notices[0]?.lastLines, notices[0]?.report.crash?.lastWords],
    [['panic: no cart for ***'], ['panic: no cart for ***']],
  )
})
