/** What a crash asks of the store, as docs/decide.md says it: a bill may be made of it. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { encodeHandoff, RUN_FILES } from '../../handoff/run-folder.ts'
import { documentOf } from '../docs/documents.ts'
import { type FakeS3, startFakeS3 } from '../fakes/fake-s3.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const PROGRAM = path.resolve(import.meta.dirname, '../crashers/binary/program.c')
const PART_BYTES = 8 * 2 ** 20

/** What each row of the table says, by how it begins. */
const SAID = {
  small: requestsIn('a core of up to 8 MiB'),
  large: requestsIn('a larger core'),
  newProgram: requestsIn('its program, the first time'),
  program: requestsIn('its program, when it is there'),
  log: requestsIn('`log.txt`'),
  place: requestsIn('which core is kept'),
  teller: requestsIn('who tells people of it'),
  report: [...requestsIn('its two names'), ...requestsIn('`report.json`')],
}

describe('a crash asks of the store what docs/decide.md says', { timeout: 600_000 }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let store: FakeS3

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    store = opened.use(await startFakeS3())
    configure({})
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => opened.disposeAsync())

  it('of a new program', async () => {
    const asked = await askedBy(() => crashPod('first', '/bin/last-words'))
    assertSame(asked, [...SAID.small, ...SAID.newProgram, ...SAID.log, ...SAID.report])
  })

  it('of a program that is there', async () => {
    const asked = await askedBy(() => crashPod('second', '/bin/last-words'))
    assertSame(asked, [...SAID.small, ...SAID.program, ...SAID.log, ...SAID.report])
    assert.match(documentOf('docs/decide.md').prose, new RegExp(`with a log, is ${asked.length} requests`))
  })

  it('of a large core, in parts', async () => {
    const asked = await askedBy(() => crashPod('large', '/bin/heap', '100'))
    const [largest = 0] = sizesOf('UploadPart').toSorted((a, b) => b - a)
    assert.equal(largest, PART_BYTES)
    assert.ok(sizesOf('UploadPart').length > 2)
    const once = asked.filter((name, at) => name !== 'UploadPart' || asked.indexOf(name) === at)
    assertSame(once, [...SAID.large, ...SAID.newProgram, ...SAID.report])
  })

  it('of one that is only counted', async () => {
    configure({ dedupe: { window: '1h' }, collect: { hostProcesses: 'collect' } })
    const program = path.join(world.dir, 'twice')
    await execa('gcc', ['-O1', '-w', '-Wl,--build-id=sha1', '-DWHICH=0', '-o', program, PROGRAM])
    const first = await askedBy(() => crashProgram(program))
    assertSame(first, [...SAID.small, ...SAID.newProgram, ...SAID.report])
    assertSame(await askedBy(() => crashProgram(program)), SAID.report)
  })

  it('of which core is kept, where nodes agree on that', async () => {
    const found = { store: 's3://cores/corefiles/_groups', works: true, triedAt: new Date().toISOString() }
    mkdirSync(world.handler.runDir, { recursive: true, mode: 0o700 })
    const tried = path.join(world.handler.runDir, RUN_FILES.conditionalWrites)
    writeFileSync(tried, encodeHandoff(found), { mode: 0o600 })
    configure({ dedupe: { window: '1h' }, collect: { hostProcesses: 'collect' } })
    const program = path.join(world.dir, 'agreed')
    await execa('gcc', ['-O1', '-w', '-Wl,--build-id=sha1', '-DWHICH=0', '-DAGREED', '-o', program, PROGRAM])
    await askedBy(() => crashProgram(program))
    const ofPlaces = () => store.requests.filter(({ url }) => /kept(\/|%2F)/.test(url))
    const ofTellers = () => store.requests.filter(({ url }) => /_groups\/.*\/(told|muted|summary)/.test(url))
    assertSame(
      ofTellers().map(({ operation }) => operation),
      SAID.teller,
    )
    assertSame(
      ofPlaces().map(({ operation }) => operation),
      SAID.place,
    )
    await askedBy(() => crashProgram(program))
    assert.deepEqual(ofPlaces(), [])
  })

  async function askedBy(crash: () => Promise<void>): Promise<readonly string[]> {
    store.requests.length = 0
    await crash()
    return store.requests.map(({ operation }) => operation)
  }

  function sizesOf(operation: 'UploadPart'): readonly number[] {
    return store.seen(operation).map(({ bodyBytes }) => bodyBytes)
  }

  async function crashPod(name: string, ...command: readonly string[]): Promise<void> {
    const container = { name: 'app', image: world.images.crashers.name, command }
    const annotations = { 'coredog.io/inject': 'true' }
    const pod = await world.runPod({ namespace: 'shop', name, annotations, container })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
  }

  async function crashProgram(program: string): Promise<void> {
    const child = execa(program, { reject: false })
    await child
    assert.equal((await world.handler.end(child.pid ?? 0)).status, 0)
  }

  function configure(more: object): void {
    const { accessKeyId, secretAccessKey } = store.credentials
    const StorageConfig = {
      ...{ protocol: 's3', s3Region: store.region, S3Bucket: 'cores', S3Endpoint: store.endpoint },
      ...{ s3AccesskeyID: accessKeyId, s3SecretAccessKey: secretAccessKey },
    }
    world.configure({ StorageConfig, cluster: 'lab', ...more })
  }
})

/** Some of them are asked side by side. */
function assertSame(asked: readonly string[], said: readonly string[]): void {
  assert.deepEqual(asked.toSorted(), said.toSorted())
}

/** The operations in the row of which the first cell begins so, in their order. */
function requestsIn(beginning: string): readonly string[] {
  const [, table = ''] = documentOf('docs/decide.md').prose.split('| of what | requests |')
  const row = table.split('\n').find(line => line.startsWith(`| ${beginning}`)) ?? assert.fail(beginning)
  return [...row.matchAll(/`([A-Z]\w+)`/g)].map(([, name = '']) => name)
}
