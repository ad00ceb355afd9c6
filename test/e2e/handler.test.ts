/** The main job on real input: real kernel, real container runtime, the built handler. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport } from '../../crash/report.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import type { Pod, PodSpec } from './pod.ts'
import type { StoredCrash } from './stored-crashes.ts'
import { backtrace, unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const LOG_WITHOUT_CONFIGURATION = '/var/log/coredog/handler.log'
const LINKED = path.resolve(import.meta.dirname, '../crashers/linked')
const CONSENT = { 'coredog.io/inject': 'true' }

describe('coredog-handler', { timeout: 900_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
  })
  after(() => world?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    world.configure()
    world.chat.answer = { status: 200, body: { code: 0, msg: 'success' } }
    await world.setCorePattern(world.handler.witnessed())
  })

  it("keeps the core of a container's first process, and tells its owner", async () => {
    const pod = await run({ name: 'first-process', command: ['/bin/segfault'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const crash = await crashOf(pod)
    assert.match(crash.folder, /^shop\/first-process\/app\/\d{8}T\d{6}Z-segfault-\d+-[0-9a-f]+$/)
    assertNames(crash, pod, { namespace: 'shop', name: 'first-process' })
    const { process, signal, core } = crash.report
    assert.equal(process?.pid, pod.pid)
    assert.equal(process?.namespacedPid, 1)
    assert.equal(process?.executable, '/bin/segfault')
    assert.deepEqual(
      [signal?.number, signal?.name, signal?.code, signal?.faultAddress],
      [11, 'SIGSEGV', 'SEGV_MAPERR', '0x10'],
    )
    assert.equal(core?.complete, true)
    assert.match(await backtraceOf(crash, 'segfault'), /fault \(\).*main \(\)/s)
    await world.chat.message('first-process', 'shop', 'SIGSEGV')
    const status = await exited(pod)
    assert.equal(status.exitCode, 139)
  })

  it("says that it was abort() by which a container's first process died of SIGSEGV", async () => {
    const pod = await run({ name: 'first-aborts', command: ['/bin/first-aborts'] })
    await pod.crash()
    const { signal } = (await crashOf(pod)).report
    assert.deepEqual([signal?.name, signal?.code, signal?.call], ['SIGSEGV', 'SI_KERNEL', 'abort()'])
    await world.chat.message('first-aborts', 'SIGSEGV by abort()')
  })

  it('keeps the last lines of the log, without a secret, and tells what a runtime wrote', async () => {
    const container = {
      ...{ name: 'app', image: world.images.crashers.name, command: ['/bin/last-words', 'the very last'] },
      environment: { DB_PASSWORD: 'hunter2hunter2' },
    }
    const pod = await world.runPod({ namespace: 'shop', name: 'last-words', annotations: CONSENT, container })
    await pod.crash()
    const { folder, report } = await crashOf(pod)
    const log = await readFile(path.join(world.store.root, folder, 'log.txt'), 'utf8')
    const lines = log.trimEnd().split('\n')
    assert.equal(lines.length, 200)
    assert.match(lines[0] ?? '', /^\d{4}-\d\d-\d\dT\S+ stderr line 103$/)
    const said = ['a customer paid with ***', 'FATAL ERROR: no carts for ***', 'the very last']
    assert.deepEqual(
      lines.slice(-3).map(line => line.replace(/^\S+ stderr /, '')),
      said,
    )
    const { key, url, ...size } = report.log ?? {}
    assert.deepEqual(size, { lines: 200, sizeBytes: Buffer.byteLength(log) })
    assert.match(key ?? '', /\/log\.txt$/)
    assert.deepEqual(report.crash?.lastWords, ['FATAL ERROR: no carts for ***'])
    const message = JSON.stringify(await world.chat.message('last-words', 'FATAL ERROR: no carts for'))
    assert.doesNotMatch(message, /hunter2|customer|line 299|very last/)
  })

  it('is all that core_pattern needs to name', async () => {
    await world.setCorePattern(world.handler.plain())
    const pod = await run({ name: 'plain', command: ['/bin/segfault'] })
    await pod.crash()
    assertNames(await crashOf(pod), pod, { namespace: 'shop', name: 'plain' })
    await world.chat.message('plain', 'SIGSEGV')
  })

  it('does with the three arguments that people set by hand', async () => {
    await world.setCorePattern(world.handler.witnessed('%P %e %t'))
    const pod = await run({ name: 'by-hand', command: ['/bin/segfault'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const crash = await crashOf(pod)
    assertNames(crash, pod, { namespace: 'shop', name: 'by-hand' })
    assert.equal(crash.report.signal?.name, 'SIGSEGV')
  })

  it('keeps the core of a child, while its parent lives on', async () => {
    const pod = await run({ name: 'child', command: ['/bin/child', 'abort'] })
    await pod.crash()
    const crash = await crashOf(pod)
    assertNames(crash, pod, { namespace: 'shop', name: 'child' })
    assert.equal(crash.report.signal?.name, 'SIGABRT')
    assert.notEqual(crash.report.process?.pid, pod.pid)
    assert.match(await backtraceOf(crash, 'child'), /abort/)
    const status = await world.containerd.cri.containerStatus(pod.containerId)
    assert.equal(status.state, 'CONTAINER_RUNNING')
  })

  it('says which of many threads crashed', async () => {
    const pod = await run({ name: 'threads', command: ['/bin/threads'] })
    await pod.crash()
    const crash = await crashOf(pod)
    const { comm, threads, threadId, pid } = crash.report.process ?? {}
    assert.deepEqual([comm, threads], ['worker-3', 5])
    assert.notEqual(threadId, pid)
    const text = await backtraceOf(crash, 'threads')
    assert.equal(text.match(/^Thread \d+ /gm)?.length, 5)
  })

  for (const form of [undefined, '%P %e %t']) {
    it(`knows whose it was when the first thread has left${form ? ', without %I, too' : ''}`, async () => {
      if (form !== undefined) await world.setCorePattern(world.handler.witnessed(form))
      const name = form === undefined ? 'leader-gone' : 'leader-gone-by-hand'
      const pod = await run({ name, command: ['/bin/leader-gone', 'an argument'] })
      await pod.crash()
      const crash = await crashOf(pod)
      assertNames(crash, pod, { namespace: 'shop', name })
      const { comm, executable, arguments: words, namespacedPid } = crash.report.process ?? {}
      assert.deepEqual(
        [comm, executable, words, namespacedPid],
        ['worker', '/bin/leader-gone', ['/bin/leader-gone', 'an argument'], 1],
      )
      assert.equal(crash.report.unidentified, undefined)
    })
  }

  it('tells two pods of one name apart, also when they crash at once', async () => {
    const pods = [
      await run({ namespace: 'blue', name: 'twin', command: ['/bin/heap', '64'] }),
      await run({ namespace: 'green', name: 'twin', command: ['/bin/heap', '64'] }),
    ] as const
    const goAhead = await Promise.all(pods.map(pod => pod.gate.reach()))
    await Promise.all(goAhead.map(go => go()))
    const [blue, green] = [await crashOf(pods[0]), await crashOf(pods[1])]
    assertNames(blue, pods[0], { namespace: 'blue', name: 'twin' })
    assertNames(green, pods[1], { namespace: 'green', name: 'twin' })
  })

  it('knows a pod on the host network', async () => {
    const pod = await run({ name: 'host-network', hostNetwork: true, command: ['/bin/segfault'] })
    await pod.crash()
    assertNames(await crashOf(pod), pod, { namespace: 'shop', name: 'host-network' })
  })

  it('reports how often the container was restarted, and the labels of its pod', async () => {
    const spec = podSpec({ name: 'restarted', command: ['/bin/segfault'] })
    const container = { ...spec.container, restartCount: 3 }
    const pod = await world.runPod({ ...spec, labels: { app: 'shop' }, container })
    await pod.crash()
    const { report } = await crashOf(pod)
    assert.equal(report.container?.restartCount, 3)
    assert.equal(report.pod?.labels?.app, 'shop')
  })

  // The kernel turns a slash of %e into an exclamation mark, and nothing else.
  const names = { 'my app': 'my app', '--help': '--help', '--version': '--version', '../../x': '..!..!x' }
  for (const [comm, arrives] of Object.entries(names)) {
    it(`takes the process name "${comm}" for what it is: a name`, async () => {
      const pod = await run({ name: 'named', command: ['/bin/comm', comm] })
      await pod.crash()
      assert.equal((await world.handler.end(pod.pid)).status, 0)
      const crash = await crashOf(pod)
      assert.ok([comm, arrives].includes(crash.report.process?.comm ?? ''), crash.report.process?.comm)
      assert.match(crash.folder, /^shop\/named\/app\/[A-Za-z0-9._-]+$/)
      assert.match(await backtraceOf(crash, 'comm'), /SIGSEGV/)
    })
  }

  it('leaves a pod alone that did not ask for it', async () => {
    const pod = await run({ name: 'unasked', annotations: {}, command: ['/bin/segfault'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    await world.handler.logged('crash skipped', ({ msg, pid }) => msg === 'crash skipped' && pid === pod.pid)
    assert.equal((await exited(pod)).exitCode, 139)
    assert.deepEqual(crashesOf(pod), [])
  })

  it('keeps the core of a host process apart, when asked to', async () => {
    world.configure({ collect: { hostProcesses: 'collect' } })
    const pid = await crashOnHost()
    assert.equal((await world.handler.end(pid)).status, 0)
    const crash = await world.store.crash('the crash on the host', report => report.process?.pid === pid)
    assert.ok(crash.folder.startsWith(`_host/${hostname()}/`), crash.folder)
    assert.equal(crash.report.pod, undefined)
    assert.match(await backtraceOf(crash, 'segfault'), /SIGSEGV/)
  })

  it('hands a host process to the handler that was there before, with the arguments it asked for', async () => {
    const previous = path.join(world.dir, 'previous')
    await writeFile(previous, `#!/bin/sh\ncat > ${previous}.core\necho "$@" > ${previous}.arguments\n`, {
      mode: 0o755,
    })
    const original = { corePattern: `|${previous} %p %s %e`, corePipeLimit: 0 }
    await writeFile(path.join(world.handler.stateDir, 'original-sysctls.json'), JSON.stringify(original))
    const pid = await crashOnHost()
    assert.equal((await world.handler.end(pid)).status, 0)
    const told = await eventually('the previous handler', 30, async () => {
      const { stdout } = await execa('cat', [`${previous}.arguments`])
      return stdout === '' ? undefined : stdout
    })
    assert.equal(told, `${pid} 11 segfault`)
    assert.match(await backtrace(program('segfault'), `${previous}.core`), /SIGSEGV/)
  })

  it('keeps the core when the container runtime does not answer, and does not guess whose it is', async () => {
    world.configure({ cri: { sockets: [path.join(world.dir, 'no-such-socket')] } })
    const pod = await run({ name: 'nobody-knows', command: ['/bin/segfault'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const crash = await world.store.crash('the crash', report => report.process?.pid === pod.pid)
    assert.ok(crash.folder.startsWith(`_unverified/${hostname()}/`), crash.folder)
    assert.equal(crash.report.pod?.name, undefined)
    assert.equal(crash.report.pod?.uid, pod.uid)
    assert.equal(crash.report.container?.id, pod.containerId)
    assert.match(await backtraceOf(crash, 'segfault'), /SIGSEGV/)
  })

  it('says that a core is incomplete when the container is removed while it is dumped', async () => {
    // Else it is read before it is removed.
    world.configure({ limits: { perWorkload: 0, readAhead: 0 } })
    const pod = await run({ name: 'removed', command: ['/bin/heap', '1024'] })
    const stored = world.store.bytes()
    await pod.crash()
    await eventually(
      'the first bytes of the core in the store',
      30,
      () => world.store.bytes() > stored || undefined,
    )
    await world.containerd.cri.removeContainer(pod.containerId)
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const crash = await crashOf(pod)
    assertNames(crash, pod, { namespace: 'shop', name: 'removed' })
    assert.equal(crash.report.core?.complete, false)
    assert.ok(crash.report.core?.incompleteReason)
    await unpackCore(crash, path.join(world.dir, 'cut'))
    await world.chat.message('removed')
  })

  it('loses a core loudly when neither the store nor a spool takes it, and holds nobody up', async () => {
    const CFSMountPath = path.join(world.dir, 'not-there')
    world.configure({ StorageConfig: { protocol: 'cfs', CFSMountPath }, spool: { maxBytes: 0 } })
    const pod = await run({ name: 'no-store', command: ['/bin/heap', '64'] })
    await pod.crash()
    assert.notEqual((await world.handler.end(pod.pid)).status, 0)
    await world.handler.logged(
      'crash lost',
      ({ msg, argv, pid }) => msg === 'crash lost' && JSON.stringify([argv, pid]).includes(String(pod.pid)),
    )
    assert.equal((await exited(pod)).exitCode, 139)
    await world.chat.message('no-store')
  })

  it('keeps one core of a crash loop, and a report of each crash, by the build in the memory of the process', async () => {
    world.configure({ dedupe: { window: '10m' }, collect: { hostProcesses: 'collect' } })
    const looping = await linkedProgram()
    const crashes: StoredCrash[] = []
    for (const _ of ['first', 'second']) {
      const { pid, signal } = await ended(looping)
      assert.equal(signal, 'SIGSEGV')
      crashes.push(
        await world.store.crash(`the crash of process ${pid}`, ({ process }) => process?.pid === pid),
      )
    }
    assert.deepEqual(
      crashes.map(({ core }) => core === null),
      [false, true],
    )
    const [kept, counted] = crashes.map(({ report }) => report)
    assert.match(kept?.crash?.module ?? '', /\/libfaulty\.so$/)
    assert.match(kept?.crash?.site ?? '', /^[0-9a-f]{16}$/)
    // The one that is only counted is explained as well.
    for (const field of [
      'site',
      'signature',
      'module',
      'address',
      'buildId',
      'fingerprint',
      'frames',
    ] as const)
      assert.deepEqual(counted?.crash?.[field], kept?.crash?.[field], field)
    assert.equal(kept?.crash?.reasonCode, 'null-pointer')
    assert.match(counted?.core?.incompleteReason ?? '', /a core of the same crash was kept at/)
    assert.deepEqual(counted?.core?.kept, { key: kept?.core?.key, url: kept?.core?.url })
  })

  it('keeps the cores of three bugs that end at one address of libc, and no more of them than of one workload', async () => {
    world.configure({ dedupe: { window: '10m' }, limits: { perWorkload: 3 } })
    const pod = await run({ name: 'three-aborts', command: ['/bin/three-aborts'] })
    await pod.crash()
    const crashes = await eventually('three reports', 60, () => {
      const all = crashesOf(pod)
      return all.length === 3 ? all : undefined
    })
    assert.deepEqual(
      crashes.map(({ core, report }) => [core === null, report.signal?.code]),
      Array.from({ length: 3 }, () => [false, 'SI_TKILL']),
    )
    assert.equal(new Set(crashes.map(({ report }) => report.crash?.site)).size, 3)
    assert.ok(crashes.every(({ report }) => report.crash?.site !== undefined))
    world.configure({ dedupe: { window: '10m' }, limits: { perWorkload: 1 } })
    const more = await run({ name: 'three-more', command: ['/bin/three-aborts'] })
    await more.crash()
    const reports = await eventually('three more reports', 60, () => {
      const all = crashesOf(more)
      return all.length === 3 ? all : undefined
    })
    assert.equal(reports.filter(({ core }) => core !== null).length, 1)
    assert.equal(
      reports.filter(({ report }) => /limits\.perWorkload/.test(report.core?.incompleteReason ?? '')).length,
      2,
    )
  })

  it('says what is wrong with its configuration where it logs without one, and holds nobody up', async () => {
    await writeFile(world.handler.configFile, 'StorageConfig: {protocol: ftp}\n')
    const logged = () => readFile(LOG_WITHOUT_CONFIGURATION, 'utf8').catch(() => '')
    const before = await logged()
    const logFolder = path.dirname(LOG_WITHOUT_CONFIGURATION)
    const pod = await run({ name: 'no-configuration', command: ['/bin/heap', '64'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 1)
    const line = JSON.parse((await logged()).slice(before.length))
    await (before === '' ? rm(logFolder, { recursive: true }) : writeFile(LOG_WITHOUT_CONFIGURATION, before))
    assert.equal(line.msg, 'crash lost')
    assert.match(line.err.message, /StorageConfig\.protocol.*"ftp".*allowed/)
    assert.equal((await exited(pod)).exitCode, 139)
  })

  for (const answer of [
    { status: 500, body: {} },
    { status: 200, body: { code: 19021, msg: 'sign match fail' } },
  ]) {
    it(`keeps the core when the chat answers ${answer.status} ${JSON.stringify(answer.body)}`, async () => {
      world.chat.answer = answer
      const pod = await run({ name: 'deaf-chat', command: ['/bin/segfault'] })
      await pod.crash()
      assert.equal((await world.handler.end(pod.pid)).status, 0)
      const { report } = await crashOf(pod)
      await world.handler.logged(
        'notice failed',
        ({ msg, crash }) => msg === 'notice failed' && crash === report.id,
      )
    })
  }

  it('stores to S3, and the link in the chat opens the core without credentials', async test => {
    await using opened = new AsyncDisposableStack()
    const bucket = await openBucket(opened)
    if (bucket === null) return test.skip(NO_GATEWAY)
    world.configure({ StorageConfig: bucket.storageConfig })
    const pod = await run({ name: 'to-s3', command: ['/bin/heap', '64'] })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const report = await bucket.reportOf(pod.uid)
    assert.match(report.core?.key ?? '', /^cores\/shop\/to-s3\/app\//)
    const core = path.join(world.dir, 's3-core.gz')
    const link = signedLink(await world.chat.message('to-s3', 'X-Amz-Signature'))
    const answer = await fetch(link)
    assert.equal(answer.status, 200)
    await writeFile(core, Buffer.from(await answer.arrayBuffer()))
    assert.match(await backtraceOf({ folder: 's3', report, core }, 'heap'), /SIGSEGV/)
  })

  for (const store of ['a file system', 'S3']) {
    it(`needs no more memory for a large core than for a small one, into ${store}`, async test => {
      await using opened = new AsyncDisposableStack()
      const bucket = store === 'S3' ? await openBucket(opened) : null
      if (store === 'S3' && bucket === null) return test.skip(NO_GATEWAY)
      world.configure({ ...(bucket && { StorageConfig: bucket.storageConfig }), limits: { readAhead: 0 } })
      const peaks: number[] = []
      for (const mebibytes of [256, 2048]) {
        const { crash, peakMebibytes, seconds } = await crashOfHeap(mebibytes, bucket)
        assert.equal(crash.report.core?.complete, true)
        assert.ok((crash.report.core?.sizeBytes ?? 0) > mebibytes * 2 ** 20)
        assert.match(await backtraceOf(crash, 'heap'), /SIGSEGV/)
        test.diagnostic(`core of ${mebibytes} MiB into ${store}: peak ${peakMebibytes} MiB, ${seconds} s`)
        peaks.push(peakMebibytes)
      }
      const [small = 0, large = 0] = peaks
      assert.ok(large <= 200, `${large} MiB`)
      // Why it crashed is found out beside a large core, and mostly behind a small one.
      assert.ok(large - small <= 40, `${small} MiB and ${large} MiB`)
    })
  }

  it('holds no more of a core than limits.readAhead says, and gives it back', async test => {
    world.configure({ limits: { readAhead: '256Mi' } })
    const { crash, peakMebibytes, seconds } = await crashOfHeap(1024, null)
    assert.equal(crash.report.core?.complete, true)
    test.diagnostic(`core of 1024 MiB, 256 MiB of them ahead: peak ${peakMebibytes} MiB, ${seconds} s`)
    assert.ok(peakMebibytes <= 200 + 256, `${peakMebibytes} MiB`)
    assert.deepEqual(readdirSync(path.join(world.handler.runDir, 'turns/read-ahead')), [])
  })

  it('starts about as fast as Node itself', async test => {
    const node = await fastestOf(10, process.execPath, ['-e', '0'])
    const handler = await fastestOf(10, HANDLER, ['--version'])
    test.diagnostic(
      `node -e 0: ${node.toFixed(0)} ms; coredog-handler --version: ${handler.toFixed(0)} ms (${(handler / node).toFixed(1)} times)`,
    )
  })

  /** `null`: there is no S3 server here. */
  async function openBucket(opened: AsyncDisposableStack): Promise<Bucket | null> {
    const s3 = await startVersityGateway()
    if (s3 === null) return null
    opened.defer(s3.close)
    return opened.use(new Bucket(s3))
  }

  async function crashOfHeap(
    mebibytes: number,
    bucket: Bucket | null,
  ): Promise<{ crash: StoredCrash; peakMebibytes: number; seconds: number }> {
    const pod = await run({ name: `heap-${mebibytes}`, command: ['/bin/heap', String(mebibytes)] })
    await pod.crash()
    const { status, peakBytes, seconds } = await world.handler.end(pod.pid)
    assert.equal(status, 0)
    const crash =
      bucket === null ? await crashOf(pod) : await download(bucket, await bucket.reportOf(pod.uid))
    return { crash, peakMebibytes: Math.round(peakBytes / 2 ** 20), seconds }
  }

  async function download(bucket: Bucket, report: CrashReport): Promise<StoredCrash> {
    const core = path.join(world.dir, 'downloaded.gz')
    await bucket.download(report.core?.key ?? '', core)
    return { folder: 'downloaded', report, core }
  }

  async function run(changes: Partial<PodSpec> & { command: readonly string[] }): Promise<Pod> {
    return await world.runPod(podSpec(changes))
  }

  function podSpec({ command, ...changes }: Partial<PodSpec> & { command: readonly string[] }): PodSpec {
    const container = { name: 'app', image: world.images.crashers.name, command }
    return { namespace: 'shop', name: 'web', annotations: CONSENT, container, ...changes }
  }

  function program(name: string): string {
    return path.join(world.images.programs, name)
  }

  async function crashOf({ uid }: Pod): Promise<StoredCrash> {
    return await world.store.crash(`the crash of pod ${uid}`, report => report.pod?.uid === uid)
  }

  function crashesOf({ uid }: Pod): StoredCrash[] {
    return world.store.all().filter(({ report }) => report.pod?.uid === uid)
  }

  function assertNames({ report }: StoredCrash, pod: Pod, { namespace, name }: Partial<PodSpec>): void {
    assert.deepEqual([report.pod?.namespace, report.pod?.name, report.pod?.uid], [namespace, name, pod.uid])
    assert.deepEqual([report.container?.name, report.container?.id], ['app', pod.containerId])
    assert.equal(report.container?.image, world.images.crashers.name)
  }

  async function backtraceOf(crash: StoredCrash, name: string): Promise<string> {
    const dir = await mkdtemp(path.join(world.dir, 'core-'))
    try {
      await unpackCore(crash, path.join(dir, 'core'))
      return await backtrace(program(name), path.join(dir, 'core'))
    } finally {
      await rm(dir, { recursive: true })
    }
  }

  async function exited({ containerId }: Pod): Promise<{ exitCode: number }> {
    return await eventually('the end of the container', 30, async () => {
      const status = await world.containerd.cri.containerStatus(containerId)
      return status.state === 'CONTAINER_EXITED' ? status : undefined
    })
  }

  /** To the core: there is one to the report, too. */
  function signedLink(message: unknown): string {
    const [link] =
      JSON.stringify(message).match(/https?:[^"\s()\\]*\/core\.gz\?[^"\s()\\]*X-Amz-Signature[^"\s()\\]*/) ??
      []
    assert.ok(link !== undefined, 'the message has a signed link')
    return link
  }

  /** The pid of a process outside of any container that has crashed. */
  async function crashOnHost(): Promise<number> {
    const { pid, signal } = await ended(program('segfault'))
    assert.equal(signal, 'SIGSEGV')
    return pid
  }

  async function ended(command: string): Promise<{ pid: number; signal: string | undefined }> {
    const child = execa(command, { reject: false })
    const { signal } = await child
    return { pid: child.pid ?? 0, signal }
  }

  /** A program that crashes in a library which it is linked with. */
  async function linkedProgram(): Promise<string> {
    const [looping, library] = [path.join(world.dir, 'loop'), path.join(world.dir, 'libfaulty.so')]
    await execa('gcc', ['-shared', '-fPIC', '-O1', '-o', library, path.join(LINKED, 'faulty.c')])
    await execa('gcc', [
      '-O1',
      '-o',
      looping,
      path.join(LINKED, 'loop.c'),
      library,
      `-Wl,-rpath,${world.dir}`,
    ])
    return looping
  }
})

/** Milliseconds of the fastest of some runs: what the others took longer, they waited for something else. */
async function fastestOf(runs: number, command: string, args: readonly string[]): Promise<number> {
  const took: number[] = []
  for (let run = 0; run < runs; run++) took.push((await execa(command, args)).durationMs)
  return Math.min(...took)
}
