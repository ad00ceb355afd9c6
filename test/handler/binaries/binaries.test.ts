import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import type { Identity } from '../../../crash/identity.ts'
import { Binaries } from '../../../handler/binaries/binaries.ts'
import type { OpenModule, UnopenedModule } from '../../../handler/why/evidence.ts'
import { Why } from '../../../handler/why/why.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfPage } from '../../fakes/elf-core.ts'
import { MemoryBinaries } from '../../fakes/memory-sink.ts'

const SCHEMA = path.join(import.meta.dirname, '../../../crash/report.schema.json')
const ajv = new Ajv2020()
formats.default(ajv)
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))

const POD: Identity = {
  kind: 'container',
  containerId: 'ab'.repeat(32),
  podUid: 'uid-1',
  pod: { namespace: 'shop', name: 'web-0' },
  container: { name: 'app' },
}
const [SERVER, LIBRARY] = [elfPage(Buffer.from('c0ffee', 'hex')), randomBytes(5000)]
const [SERVER_SHA256, LIBRARY_SHA256] = [SERVER, LIBRARY].map(sha256)

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A crash of `/app/server`, whose files are open; what became of it. */
function crash(test: TestContext, { yaml = '', store = new MemoryBinaries(), ...more }: Wish = {}) {
  const folder = temporaryFolder(test)
  const opened = (name: string, start: bigint, bytes: Buffer): OpenModule => {
    const file = path.join(folder, path.basename(name))
    writeFileSync(file, bytes)
    const ranges = [{ start, end: start + 0x1000n, fileOffset: 0n }]
    return { path: name, ranges, fd: openSync(file, 'r'), sizeBytes: bytes.length }
  }
  const modules = more.modules ?? [
    opened('/app/server', 0x4000n, SERVER),
    opened('/lib/libc.so', 0x9000n, LIBRARY),
  ]
  const over = new AbortController()
  let released = 0
  const release = async () => {
    released += 1
  }
  const why = Object.assign(Why.unknown('it was not looked at'), {
    holdFiles: () => ({ modules, unopened: more.unopened ?? [], entry: 0x4010n, over: over.signal, release }),
  })
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`)
  const outside = { binaries: store, now: () => new Date(), log }
  const whose = { identity: POD, node: { name: 'node-1', kernel: '6.18.0', cluster: 'prod' }, why }
  const binaries = new Binaries(whose, config, outside)
  return { binaries, store, lines, over, isReleased: () => released > 0 }
}

interface Wish {
  readonly yaml?: string
  readonly store?: MemoryBinaries
  readonly modules?: readonly OpenModule[]
  readonly unopened?: readonly UnopenedModule[]
}

it('Binaries stores the executable under cluster, namespace, build id and hash, and names it', async t => {
  const { binaries, store, isReleased } = crash(t)
  binaries.begin()
  const key = `_binaries/prod/shop/c0ffee/${SERVER_SHA256}`
  assert.deepEqual(await binaries.named(), {
    binaries: [
      {
        path: '/app/server',
        sizeBytes: SERVER.length,
        buildId: 'c0ffee',
        sha256: SERVER_SHA256,
        key: `corefiles/${key}`,
        url: `memory://${key}`,
      },
    ],
  })
  assert.deepEqual([...store.objects], [[key, SERVER]])
  const report = { schema: 'coredog.io/report/v1', id: '0123456789ab', ...(await binaries.named()) }
  assert.ok(validate(report), JSON.stringify(validate.errors))
  await binaries.end()
  assert.ok(isReleased())
})

it('Binaries stores the libraries behind it where they are wanted', async t => {
  const { binaries, store } = crash(t, { yaml: 'collect: {binaries: modules}' })
  binaries.begin()
  const { binaries: named } = await binaries.named()
  assert.deepEqual(
    named?.map(({ path, sha256 }) => [path, sha256]),
    [
      ['/app/server', SERVER_SHA256],
      ['/lib/libc.so', LIBRARY_SHA256],
    ],
  )
  assert.ok(store.objects.has(`_binaries/prod/shop/_none/${LIBRARY_SHA256}`))
})

it('Binaries holds nothing where none are wanted', async t => {
  const { binaries, store } = crash(t, { yaml: 'collect: {binaries: off}' })
  binaries.begin()
  assert.deepEqual(await binaries.named(), {})
  await binaries.end()
  assert.equal(store.objects.size, 0)
})

it('Binaries says why one is not kept, and keeps the others', async t => {
  const yaml = `collect: {binaries: modules}\nlimits: {binarySize: ${LIBRARY.length - 1}}`
  const { binaries, lines, store } = crash(t, { yaml })
  binaries.begin()
  const { binaries: [server, library] = [] } = await binaries.named()
  const notKept = `it has ${LIBRARY.length} bytes, and limits.binarySize is ${LIBRARY.length - 1}`
  assert.deepEqual(library, { path: '/lib/libc.so', sizeBytes: LIBRARY.length, notKept })
  assert.equal(server?.notKept, undefined)
  assert.equal(store.objects.size, 1)
  assert.deepEqual(
    lines.map(({ msg, reason }) => [msg, reason]),
    [['binary not stored', notKept]],
  )
})

it('Binaries names a file that was not found, by the page that is left of it', async t => {
  const ranges = [{ start: 0x4000n, end: 0x5000n, fileOffset: 0n }]
  const unopened = [{ path: '/app/server', ranges, beginning: SERVER }]
  const { binaries } = crash(t, { modules: [], unopened })
  binaries.begin()
  assert.deepEqual((await binaries.named()).binaries, [
    { path: '/app/server', buildId: 'c0ffee', notKept: 'no file of its build was found' },
  ])
})

it('Binaries says that the store did not take the core where it has not begun', async t => {
  const { binaries, isReleased } = crash(t)
  assert.deepEqual((await binaries.named()).binaries, [
    {
      path: '/app/server',
      sizeBytes: SERVER.length,
      notKept: 'the store did not take all of its core either',
    },
  ])
  await binaries.end()
  assert.ok(isReleased())
})

/** A store that takes its time. */
class SlowStore extends MemoryBinaries {
  readonly asked = Promise.withResolvers<void>()
  readonly taken = Promise.withResolvers<void>()

  override async putOnce(...[key, content]: Parameters<MemoryBinaries['putOnce']>) {
    this.asked.resolve()
    await Promise.race([this.taken.promise, aborted(content.signal)])
    return await super.putOnce(key, content)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

it('Binaries has people told after ten seconds, and goes on', async t => {
  const store = new SlowStore()
  const { binaries, lines } = crash(t, { store })
  const { binaries: [named] = [] } = await afterTenSeconds(t, binaries, store)
  assert.equal(named?.sha256, SERVER_SHA256)
  assert.equal(named?.notKept, 'it was still being sent when this was written')
  store.taken.resolve()
  await binaries.end()
  assert.equal(store.objects.size, 1)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['binary stored after its report'],
  )
})

/** What is named when it is still being sent. */
async function afterTenSeconds(test: TestContext, binaries: Binaries, { asked }: SlowStore) {
  test.mock.timers.enable({ apis: ['setTimeout'] })
  binaries.begin()
  const named = binaries.named()
  await asked.promise
  test.mock.timers.tick(10_000)
  return await named
}

it('Binaries lets go of the files after a minute, whatever the store does, and says so', async t => {
  const store = new SlowStore()
  const { binaries, lines, isReleased } = crash(t, { store })
  await afterTenSeconds(t, binaries, store)
  assert.ok(!isReleased())
  t.mock.timers.tick(50_000)
  assert.ok(isReleased())
  await binaries.end()
  assert.equal(store.objects.size, 0)
  assert.deepEqual(
    lines.map(({ msg, reason }) => [msg, reason]),
    [['binary not stored', 'it took longer than 60 s']],
  )
})

it('Binaries waits no longer than a minute for a store that does not say what it has', async t => {
  const asked = Promise.withResolvers<void>()
  const look = () => {
    asked.resolve()
    return new Promise<never>(() => undefined)
  }
  const { binaries } = crash(t, { store: Object.assign(new MemoryBinaries(), { look }) })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  binaries.begin()
  await asked.promise
  t.mock.timers.tick(60_000)
  await binaries.end()
  const { binaries: [named] = [] } = await binaries.named()
  assert.equal(named?.notKept, 'it took longer than 60 s')
})

it('Binaries lets go of the files when they have been open for long enough', async t => {
  const { binaries, over, isReleased, store } = crash(t)
  over.abort(new Error('the process was let go a minute ago'))
  assert.ok(isReleased())
  binaries.begin()
  const { binaries: [named] = [] } = await binaries.named()
  assert.equal(named?.notKept, 'the process was let go a minute ago')
  assert.equal(store.objects.size, 0)
})
