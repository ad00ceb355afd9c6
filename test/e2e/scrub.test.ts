/** What is left of secrets in cores that are stored: of real programs, through the real kernel. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { StoredCrash } from './stored-crashes.ts'
import { backtrace, unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/secrets.c')
const PASSWORD = 'correct-horse-battery-staple'
const KEY = 'b64:c2VjcmV0IG9mIGEgcG9k/+8='
const BLANK = ` '*' <repeats ${PASSWORD.length} times>`

describe('secrets in cores', { timeout: 600_000 }, () => {
  let world: World
  let program: string

  before(async () => {
    world = await openWorld(HANDLER)
    program = path.join(world.dir, 'secrets')
    await execa('gcc', ['-O0', '-g', '-o', program, SOURCE])
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  it('are blanked on the stack and in the environment, and gdb opens the core as ever', async () => {
    const { crash, core } = await crashed('stacks')
    assert.match(await backtrace(program, core), /fault \(\).*use \(.*main \(/s)
    const said = await gdb(core, 'p (char*)on_stack', 'p password', 'p (char*)heap + 12000000')
    const [onStack = '', inEnvironment = '', onHeap = ''] = said
      .split('\n')
      .filter(line => line.startsWith('$'))
    for (const line of [onStack, inEnvironment]) assert.ok(line.endsWith(BLANK), line)
    assert.ok(onHeap.includes(PASSWORD.slice(-5)), onHeap)
    assert.ok((crash.report.core?.scrubbed ?? 0) >= 3)
    assert.equal(crash.report.core?.unscrubbed, undefined)
  })

  it('are nowhere in the core with collect.scrub: all, also across the borders of its blocks', async () => {
    const { crash, core } = await crashed('all')
    assert.match(await backtrace(program, core), /fault \(\).*use \(.*main \(/s)
    const bytes = await readFile(core)
    assert.ok(bytes.length > 24 << 20)
    assertWithout(bytes, PASSWORD)
    const copies = Math.floor((12 << 20) / (PASSWORD.length + 1))
    const { scrubbed = 0 } = crash.report.core ?? {}
    assert.ok(scrubbed > copies && scrubbed < 2 * copies, `${scrubbed} of ${copies}`)
  })

  it('are in the core where nobody wants them blanked', async () => {
    const { crash, core } = await crashed('off')
    const bytes = await readFile(core)
    assert.ok(bytes.includes(`DB_PASSWORD=${PASSWORD}`) && bytes.includes(Buffer.from(PASSWORD, 'utf16le')))
    assert.equal(crash.report.core?.scrubbed, undefined)
  })

  it('are known of a core in a file by itself', async () => {
    const { core } = await crashed('off')
    world.configure({ collect: { hostProcesses: 'collect', scrub: 'all' } })
    const before = new Set(world.store.all().map(({ report: { id } }) => id))
    await execa(HANDLER, [`--config=${world.handler.configFile}`, 'replay', core])
    const crash = await world.store.crash('the replayed core', ({ id }) => !before.has(id))
    assertWithout(await readFile(await unpacked(crash, 'replayed')), PASSWORD)
    assert.match(crash.report.core?.unscrubbed ?? '', /not certain which process it was/)
  })

  it('are those that a pod has mounted as well', async () => {
    const uid = randomUUID()
    const hostPath = path.join(world.dir, 'kubelet/pods', uid, 'volumes/kubernetes.io~secret/app')
    await mkdir(path.join(hostPath, '..now'), { recursive: true })
    await writeFile(path.join(hostPath, '..now/key'), `${KEY}\n`)
    await symlink('..now', path.join(hostPath, '..data'))
    await symlink('..data/key', path.join(hostPath, 'key'))
    world.configure({ collect: { scrub: 'all' } })
    const pod = await world.runPod({
      ...{ namespace: 'shop', name: 'secrets', uid, annotations: { 'coredog.io/inject': 'true' } },
      container: {
        ...{ name: 'app', image: world.images.crashers.name, command: ['/bin/secrets'] },
        environment: { DB_PASSWORD: PASSWORD, KEY_FILE: '/secret/key' },
        mounts: [{ containerPath: '/secret', hostPath, readonly: true }],
      },
    })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const crash = await world.store.crash('the crash', ({ container }) => container?.id === pod.containerId)
    const core = await unpacked(crash, 'pod')
    assert.match(await backtrace(path.join(world.images.programs, 'secrets'), core), /fault \(\).*main \(/s)
    assert.equal(crash.report.core?.unscrubbed, undefined)
    const bytes = await readFile(core)
    for (const secret of [PASSWORD, KEY]) assertWithout(bytes, secret)
  })

  async function crashed(scrub: 'off' | 'stacks' | 'all') {
    // The default is to be one.
    world.configure({ collect: { hostProcesses: 'collect', ...(scrub !== 'stacks' && { scrub }) } })
    const child = execa(program, { reject: false, env: { DB_PASSWORD: PASSWORD } })
    const { pid = 0 } = child
    await child
    assert.equal((await world.handler.end(pid)).status, 0)
    const crash = await world.store.crash('the crash', ({ process }) => process?.pid === pid)
    return { crash, core: await unpacked(crash, scrub) }
  }

  async function unpacked(crash: StoredCrash, name: string): Promise<string> {
    const core = path.join(world.dir, `core-${name}`)
    await unpackCore(crash, core)
    return core
  }

  async function gdb(core: string, ...commands: readonly string[]): Promise<string> {
    const asked = ['frame function use', ...commands].flatMap(command => ['-ex', command])
    return (await execa('gdb', ['--batch', '--nx', ...asked, program, core])).stdout
  }
})

function assertWithout(bytes: Buffer, secret: string): void {
  for (const encoding of ['utf8', 'utf16le'] as const)
    assert.equal(bytes.indexOf(Buffer.from(secret, encoding)), -1, `${secret} in ${encoding}`)
}
