/**
 * Nodes without a pipe: the kernel writes cores into a directory that pods have mounted, and the installer
 * takes them.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { CrashReport } from '../../crash/report.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type FakeKube, startFakeKube } from '../fakes/fake-kube.ts'
import { type FakeS3, faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../real-s3.ts'
import { Agent } from './agent.ts'
import { buildAgentImage } from './agent-image.ts'
import { annotatedPod } from './annotated-pod.ts'
import { Bucket } from './bucket.ts'
import { EventReceiver } from './event-receiver.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { nodeFiles } from './node-files.ts'
import type { Pod, PodSpec } from './pod.ts'
import { backtrace, unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const FILE_PATTERN = '/corefile/core.%e.%p.%h.%t'
const PIPE_PATTERN = /^\|\/\S+\/coredog-handler %P %e %t/
const PODS_OF_NODE = '/run/coredog/pods.json'
const STATE = '/var/lib/coredog'
const OUTBOX = `${STATE}/outbox`

const DAEMON_SET: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'coredog-system', name: 'coredog-installer', uid: 'daemonset-uid' },
}

describe('coredog-installer on a node without a pipe', {
  timeout: 600_000,
  skip: findProgram('versitygw') === null && NO_GATEWAY,
}, () => {
  let world: World
  let kube: FakeKube
  let image: Image
  let s3: RealS3 | null
  let bucket: Bucket
  let coreSight: EventReceiver
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }
  let agent: Agent

  before(async () => {
    world = await openWorld(HANDLER)
    await removeEarlierInstallation()
    found = { settings: readKernelSettings(), files: nodeFiles() }
    kube = await startFakeKube({ objects: [DAEMON_SET], tls: true, namespace: 'coredog-system' })
    s3 = await startVersityGateway()
    bucket = new Bucket(s3 ?? assert.fail(NO_GATEWAY))
    coreSight = await EventReceiver.open()
    image = await buildAgentImage(world.dir)
    await world.containerd.import(image)
  })
  after(async () => {
    await agent?.stop()
    bucket?.[Symbol.dispose]()
    await s3?.close()
    await coreSight?.[Symbol.asyncDispose]()
    await kube?.close()
    await removeEarlierInstallation()
    // A test that failed leaves notifications that no chat has taken: restoring keeps those.
    if (found?.files.every(file => !file.startsWith(STATE))) rmSync(STATE, { recursive: true, force: true })
    await world?.[Symbol.asyncDispose]()
  })

  it('sets the file pattern, and needs no handler on the node', async () => {
    agent = await start(settings())
    assert.equal(readKernelSettings().pattern, FILE_PATTERN)
    assert.deepEqual(nodeFiles().filter(isHandler), [])
  })

  it('collects the core of an annotated pod that runs as nobody, tells all who are to know, and removes it', async () => {
    const { pod, folder } = await run({ namespace: 'shop', name: 'web-0', command: ['/bin/segfault'] })
    await pod.crash()
    const report = await bucket.reportOf(pod.uid)
    assert.match(
      report.core?.key ?? '',
      /^cores\/shop\/web-0\/app\/\d{8}T\d{6}Z-segfault-1-[0-9a-f]{12}\/core\.gz$/,
    )
    assert.deepEqual(
      [report.pod?.namespace, report.pod?.name, report.container?.name],
      ['shop', 'web-0', 'app'],
    )
    assert.deepEqual([report.signal?.name, report.process?.executable], ['SIGSEGV', '/bin/segfault'])
    assert.deepEqual([report.core?.complete, report.node?.name], [true, 'node-1'])
    assert.match(await backtraceOf(report, await downloaded(report), 'segfault'), /fault \(\).*main \(\)/s)

    const message = JSON.stringify(await world.chat.message('shop/web-0'))
    const [file = ''] = /\/corefile\/shop\/web-0\/app\/core\.segfault\.1\.web-0\.\d{10}/.exec(message) ?? []
    assert.ok(message.includes(`${file} on 10.0.0.7 of e2e`), message)
    await logged(
      `capture a file:${file}`,
      'resolved pod from webhook path: shop/web-0',
      `deleted local corefile: ${file}`,
    )
    assert.deepEqual(readdirSync(folder), [])
    await assertScriptRan(report, file)
    await assertReported(report, file)
  })

  it('finds a pod that had no name at admission, tells only channels of its keyword, and empties what it may not remove', async () => {
    agent.configure({ ...settings(), gc: true, gc_type: 'truncate' })
    await eventually('the configuration', 30, () => nodeConfiguration().includes('truncate') || undefined)
    const name = 'api-7d9f8b6c5-x2x4z'
    const { pod, folder } = await run(
      { namespace: 'pay', name, command: ['/bin/heap', '16'] },
      'api-7d9f8b6c5-',
    )
    await pod.crash()
    const report = await bucket.reportOf(pod.uid)
    assert.deepEqual([report.pod?.name, report.core?.complete], [name, true])
    await logged(
      `resolved pod from webhook path: pay/${name}`,
      `truncated local corefile: /corefile/pay/${name}/app/core.heap.1.`,
    )
    assert.deepEqual(
      readdirSync(folder).map(file => statSync(path.join(folder, file)).size),
      [0],
    )
    await coreSight.eventOf(name)
    assert.doesNotMatch(JSON.stringify(world.chat.messages), new RegExp(name))
  })

  it('goes over to the pipe and back when the ConfigMap says so, and says the same of a crash all the while', async () => {
    const said: ReturnType<typeof whyOf>[] = []
    for (const way of ['file', 'pipe', 'file-again']) {
      const corePattern = way !== 'pipe'
      agent.configure({ ...settings(), fallback: { ...settings().fallback, hostPath: true, corePattern } })
      await eventually(`the pattern of "${way}"`, 60, () => {
        const { pattern } = readKernelSettings()
        return (corePattern ? pattern === FILE_PATTERN : PIPE_PATTERN.test(pattern)) || undefined
      })
      // What an earlier test wanted may still be in force: then a stored file is emptied, and stays.
      await eventually('the configuration', 30, () => !nodeConfiguration().includes('truncate') || undefined)
      const { pod } = await run({ namespace: 'shop', name: `by-${way}`, command: ['/bin/child', 'fault'] })
      await pod.crash()
      const report = await bucket.reportOf(pod.uid)
      assert.deepEqual([report.pod?.name, report.core?.complete], [`by-${way}`, true])
      said.push(whyOf(report))
    }
    const [byFile, byPipe, byFileAgain] = said
    assert.deepEqual([byFile?.reasonCode, byFile?.frames?.[0]?.function], ['null-pointer', 'fault'])
    assert.match(byFile?.binaries?.[0]?.key ?? '', /^cores\/_binaries\/_none\/shop\//)
    assert.equal(byFile?.binaries?.[0]?.notKept, undefined)
    assert.deepEqual([byFile, byFileAgain], [byPipe, byPipe])
    await eventually(
      'an empty directory',
      30,
      () => filesIn(path.join(dumpsDir(), 'shop')).length === 0 || undefined,
    )
    await agent.answers('/readyz')
  })

  it('takes a core once, when it is killed in the middle of it', async () => {
    let isSlow = true
    await using store = await startFakeS3({
      faultOf: ({ operation }) => (isSlow && operation === 'UploadPart' ? faults.slow(1000) : null),
    })
    agent.configure({ ...settings(), StorageConfig: storageConfigOf(store) })
    await eventually('the configuration', 30, () => nodeConfiguration().includes(store.endpoint) || undefined)
    const { pod, folder } = await run({ namespace: 'shop', name: 'large', command: ['/bin/heap', '256'] })
    await pod.crash()
    await eventually('a core on its way', 60, () => store.seen('UploadPart').length > 1 || undefined)
    await agent.kill()
    isSlow = false
    agent = await start({ ...settings(), StorageConfig: storageConfigOf(store) })
    await eventually('an empty folder', 60, () => readdirSync(folder).length === 0 || undefined)
    const keys = crashObjectsIn(store)
    assert.deepEqual(
      keys.map(key => path.basename(key)),
      ['core.gz', 'report.json'],
    )
    await world.chat.message('shop/large')
    assert.equal(toldOf('shop/large'), 1)
  })

  it('takes each of many cores once, when it is killed among them', async () => {
    await using store = await startFakeS3({
      faultOf: ({ operation }) => (operation === 'PutObject' ? faults.slow(100) : null),
    })
    const changed = { ...settings(), StorageConfig: storageConfigOf(store) }
    const { pod, folder } = await run({ namespace: 'shop', name: 'many', command: ['/bin/segfault'] })
    await agent.kill()
    await pod.crash()
    const [core = ''] = await eventually('the core', 30, () =>
      readdirSync(folder).length > 0 ? readdirSync(folder) : undefined,
    )
    await exited(pod)
    for (let n = 1; n < 12; n++) copyFileSync(path.join(folder, core), path.join(folder, `${core}${n}`))
    agent = await start(changed)
    await eventually('some of them', 60, () => reportsIn(store).length >= 4 || undefined)
    await agent.kill()
    agent = await start(changed)
    await eventually('an empty folder', 60, () => readdirSync(folder).length === 0 || undefined)
    assert.equal(reportsIn(store).length, 12)
    assert.equal(crashObjectsIn(store).length, 24)
    const notifications = await eventually('all notices', 60, () =>
      toldOf('shop/many') >= 12 ? toldOf('shop/many') : undefined,
    )
    assert.ok(notifications <= 12 + settings().fallback.concurrency, `${notifications} notices`)
  })

  it('puts everything back when the DaemonSet is deleted', async () => {
    await eventually('everybody to be told', 120, () => filesIn(OUTBOX).every(isLeft) || undefined)
    kube.remove(DAEMON_SET)
    await agent.stop()
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
  })

  function settings() {
    return {
      ...world.settings,
      StorageConfig: { ...bucket.storageConfig, DeleteLocalCorefile: true },
      NoticeChannel: [{ chan: 'feishu', webhookurl: world.chat.webhookUrl, keyword: '/corefile/shop/' }],
      messageTemplate:
        '{pod.namespace}/{pod.name}: {corefile.path} on {pod.node} of {cluster}: {corefile.url}',
      messageLabels: { cluster: 'e2e' },
      CustomHandler: { enabled: true, script: `env -0 > "${scriptOutput()}.$POD_NAME"` },
      CoreSight: { enabled: true, apiUrl: coreSight.url, token: 'e2e-token' },
      fallback: { corePattern: true, dumpsDir: dumpsDir(), concurrency: 2 },
    }
  }

  async function start(changed: object): Promise<Agent> {
    const started = await Agent.start(world, image, kube, { settings: changed })
    await started.answers('/readyz')
    return started
  }

  /** Runs a pod that asked for its cores. Resolves once the API server, and so the installer, knows it. */
  async function run(
    { command, ...who }: Pick<PodSpec, 'namespace' | 'name'> & { command: readonly string[] },
    generateName?: string,
  ): Promise<{ pod: Pod; folder: string }> {
    const container = {
      name: 'app',
      image: world.images.crashers.name,
      command: ['/bin/limitless', ...command],
      user: 1000,
    }
    const { spec, folder } = annotatedPod({ ...who, container }, dumpsDir(), generateName)
    const pod = await world.runPod(spec)
    kube.put(objectOf(pod, spec))
    await eventually(
      'the pod in the list of the node',
      30,
      () => readFileSync(PODS_OF_NODE, 'utf8').includes(pod.uid) || undefined,
    )
    await eventually(
      'a folder that anybody can write',
      30,
      () => (statSync(folder).mode & 0o777) === 0o777 || undefined,
    )
    return { pod, folder }
  }

  function objectOf({ uid, containerId }: Pod, { namespace, name, annotations = {}, container }: PodSpec) {
    const { name: containerName, image } = container
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, uid, annotations },
      spec: { nodeName: 'node-1', containers: [{ name: containerName, image }] },
      status: {
        containerStatuses: [
          { name: containerName, image, containerID: `containerd://${containerId}`, restartCount: 0 },
        ],
      },
    }
  }

  async function downloaded({ core }: CrashReport): Promise<string> {
    const file = path.join(world.dir, 'downloaded.gz')
    await bucket.download(core?.key ?? '', file)
    return file
  }

  async function backtraceOf(report: CrashReport, core: string, program: string): Promise<string> {
    const unpacked = path.join(world.dir, 'unpacked')
    await unpackCore({ folder: 'bucket', report, core }, unpacked)
    return await backtrace(path.join(world.images.programs, program), unpacked)
  }

  async function logged(...lines: readonly string[]): Promise<void> {
    for (const line of lines)
      await eventually(`"${line}" in the log`, 30, () => agent.log().includes(line) || undefined)
  }

  /** The script of CustomHandler has run on the node, with all that it was promised. */
  async function assertScriptRan({ core, pod }: CrashReport, file: string): Promise<void> {
    const written = await eventually('what the script wrote', 60, () => {
      const text = readFileSync(`${scriptOutput()}.${pod?.name}`, 'utf8')
      return text.includes('COREDUMP_FILE=') ? text : undefined
    })
    const variables = Object.fromEntries(written.split('\0').map(line => line.split(/=(.*)/s)))
    assert.equal(variables.COREDUMP_FILE, file)
    assert.equal(variables.COREDUMP_FILENAME, path.basename(file))
    assert.match(variables.COREDUMP_URL, /^http.*X-Amz-Signature/)
    assert.equal(variables.COREDUMP_MD5, core?.md5)
    assert.equal(variables.COREDUMP_SIZE, String(core?.storedBytes))
    assert.equal(variables.COREDUMP_EXECUTABLE, '/bin/segfault')
    assert.deepEqual(
      ['POD_NAME', 'POD_NAMESPACE', 'POD_UID', 'POD_NODE_IP', 'POD_IMAGE', 'POD_CONTAINER', 'HOST_IP'].map(
        name => variables[name],
      ),
      ['web-0', 'shop', pod?.uid, '10.0.0.7', world.images.crashers.name, 'app', '10.0.0.7'],
    )
  }

  /** CoreSight has heard of the core, and can open it. */
  async function assertReported(report: CrashReport, file: string): Promise<void> {
    const { authorization, id, type, data } = await coreSight.eventOf('web-0')
    assert.deepEqual(
      [authorization, id, type],
      ['Bearer e2e-token', `coredog-${report.id}`, 'coredog.coredump.uploaded'],
    )
    const { file_url: url, md5, ...rest } = data
    assert.deepEqual(rest, {
      coredump_id: 0,
      file_name: path.basename(file),
      executable_path: '/bin/segfault',
      file_size: report.core?.storedBytes,
      image: world.images.crashers.name,
      timestamp: report.time,
      pod_name: 'web-0',
      pod_namespace: 'shop',
      node_ip: '10.0.0.7',
      node_name: 'node-1',
    })
    const core = path.join(world.dir, 'reported.gz')
    writeFileSync(core, Buffer.from(await (await fetch(String(url))).arrayBuffer()))
    assert.equal(createHash('md5').update(readFileSync(core)).digest('hex'), md5)
    assert.match(await backtraceOf(report, core, 'segfault'), /SIGSEGV/)
  }

  function storageConfigOf({ endpoint, credentials }: FakeS3): object {
    return {
      protocol: 's3',
      s3AccesskeyID: credentials.accessKeyId,
      s3SecretAccessKey: credentials.secretAccessKey,
      S3Bucket: 'cores',
      S3Endpoint: endpoint,
      deleteLocalCorefile: true,
    }
  }

  function toldOf(pod: string): number {
    return world.chat.messages.filter(message => JSON.stringify(message).includes(`${pod}:`)).length
  }

  async function exited({ containerId }: Pod): Promise<void> {
    await eventually('the end of the container', 30, async () => {
      const { state } = await world.containerd.cri.containerStatus(containerId)
      return state === 'CONTAINER_EXITED' || undefined
    })
  }

  function dumpsDir(): string {
    return path.join(world.dir, 'dumps')
  }

  function scriptOutput(): string {
    return path.join(world.dir, 'script')
  }
})

/** Without the index. */
function crashObjectsIn(store: FakeS3): readonly string[] {
  const keys = store.bucket().keys()
  return keys.filter(key => !/(?:^|\/)_(?:index|upkeep|groups|self-test)\//.test(key))
}

/** The names of the crashes in a store. */
function reportsIn(store: FakeS3): readonly string[] {
  return crashObjectsIn(store).filter(key => key.endsWith('/report.json'))
}

function nodeConfiguration(): string {
  return readFileSync('/etc/coredog/coredog.yaml', 'utf8')
}

/** What crashes of the same bug have in common, of whatever pod. */
function whyOf({ crash: { reasonCode, reason, frames, site } = {}, binaries }: CrashReport) {
  return { reasonCode, reason, frames, site, binaries }
}

/** The handler's program, and not its cgroup. */
function isHandler(file: string): boolean {
  return file.includes('coredog-handler') && !file.startsWith('/sys/')
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(({ name }) => name)
}

/** By a writer that was killed. */
function isLeft(name: string): boolean {
  return name.endsWith('.new')
}
