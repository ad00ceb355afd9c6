/** The line of a message, by a reader who has nothing but the message: pod, container and program are gone. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { Bucket } from './bucket.ts'
import type { Pod } from './pod.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/why/throws.cpp')
const CONSENT = { 'coredog.io/inject': 'true' }

describe('the line that opens a core', { timeout: 300_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  for (const { kind, strip } of [
    { kind: 'a program', strip: false },
    { kind: 'a stripped program, whose symbols a CI has uploaded', strip: true },
  ])
    it(`opens that of ${kind}, once pod, container and program are gone`, async test => {
      await using opened = new AsyncDisposableStack()
      const s3 = await startVersityGateway()
      if (s3 === null) return test.skip(NO_GATEWAY)
      opened.defer(s3.close)
      const bucket = opened.use(new Bucket(s3))
      world.configure({ StorageConfig: bucket.storageConfig, symbols: ['_symbols'] })
      const [app, name] = [path.join(world.dir, 'app'), strip ? 'stripped' : 'whole']
      await build(app, strip)
      const pod = await crash(name, app)
      await bucket.reportOf(pod.uid)
      await forget(pod, app)
      const stack = await openedBy(await world.chat.message(name, 'X-Amz-Signature'), strip)
      assert.match(
        stack,
        /^#\d+ .* in load_cart\b[^#]+^#\d+ .* in serve\b[^#]+throws\.cpp:\d+\n#\d+ .* in main\b/m,
      )
    })

  async function build(app: string, strip: boolean): Promise<void> {
    const program = path.join(app, 'shop')
    await mkdir(app)
    await execa('g++', ['-O1', '-g', '-static', '-Wl,--build-id', '-o', program, SOURCE])
    if (!strip) return
    await execa(HANDLER, [`--config=${world.handler.configFile}`, 'symbols', 'upload', program])
    await execa('strip', [program])
  }

  async function crash(name: string, app: string): Promise<Pod> {
    const mounts = [{ containerPath: '/app', hostPath: app }]
    const container = {
      name: 'app',
      image: world.images.crashers.name,
      command: ['/app/shop', 'yours'],
      mounts,
    }
    const pod = await world.runPod({ namespace: 'shop', name, annotations: CONSENT, container })
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    return pod
  }

  async function forget({ containerId, sandboxId }: Pod, app: string): Promise<void> {
    const { cri } = world.containerd
    await cri.removeContainer(containerId)
    await cri.stopPodSandbox(sandboxId)
    await cri.removePodSandbox(sandboxId)
    await rm(app, { recursive: true })
  }

  /** As a reader does it: what gdb says of the stack. */
  async function openedBy(message: unknown, hasSymbols: boolean): Promise<string> {
    const folder = await mkdtemp(path.join(world.dir, 'reader-'))
    const { links, line } = partsOf(message)
    const ours = ['core', 'Its program', ...(hasSymbols ? ['Its symbols'] : []), 'Report with all stacks']
    assert.deepEqual([...links.keys()].toSorted(), ours.toSorted())
    for (const link of links.values()) await save(link, folder)
    const { stdout } = await execa('sh', ['-c', line], { cwd: folder, input: 'backtrace\nquit\n' })
    return stdout
  }
})

/** As a browser does it. */
async function save(link: string, folder: string): Promise<void> {
  const answer = await fetch(link)
  assert.equal(answer.status, 200)
  const [, savedAs] = /filename="([\w.]+)"/.exec(answer.headers.get('content-disposition') ?? '') ?? []
  const file = path.join(folder, savedAs ?? path.posix.basename(new URL(link).pathname))
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
}

/** The links of a card of Feishu by their labels, and the line for a shell. */
function partsOf(message: unknown): { links: ReadonlyMap<string, string>; line: string } {
  const texts = stringsIn(message)
  const inText = texts.flatMap(text => [...text.matchAll(/\[([^\]]+)\]\((https?:[^)]+)\)/g)])
  const button = texts
    .filter(text => /^https?:\S+X-Amz-Signature/.test(text))
    .map(url => ['core', url] as const)
  const links = new Map([...inText.map(([, label = '', url = '']) => [label, url] as const), ...button])
  const line = texts.find(text => text.includes('gdb ')) ?? assert.fail('there is no line')
  return { links, line }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}
