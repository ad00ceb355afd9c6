/** The programs that crash, in a real bucket: as they ran, each once. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, truncate } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport, ReportBinary } from '../../crash/report.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { Bucket } from './bucket.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/binary/program.c')
const skip = findProgram('versitygw') === null && NO_GATEWAY

describe('programs that crash', { timeout: 600_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let bucket: Bucket

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    const s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    bucket = opened.use(new Bucket(s3))
    configure({})
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => opened.disposeAsync())

  it('are stored as they ran, once for all their crashes', async () => {
    const program = await built('plain')
    const [named] = (await crashed(program)).binaries ?? []
    assert.equal(named?.path, program)
    assert.match(named?.key ?? '', /^cores\/_binaries\/lab\/_host\/[0-9a-f]{40}\/[0-9a-f]{64}$/)
    assert.equal(named?.key, keyOf(named))
    assert.equal(named?.sha256, sha256(program))
    assert.equal(sha256(await downloaded(named)), sha256(program))
    const stored = await programs()
    const [again] = (await crashed(program)).binaries ?? []
    assert.deepEqual(again, named)
    assert.deepEqual(await programs(), stored)
  })

  it('are stored although their file is gone by then', async () => {
    const program = await built('removed')
    const copy = path.join(world.dir, 'copy')
    await copyFile(program, copy)
    const [named] = (await crashed(program, ['remove'])).binaries ?? []
    assert.ok(!existsSync(program))
    assert.equal(named?.notKept, undefined)
    assert.equal(sha256(await downloaded(named)), sha256(copy))
  })

  it('are told apart although one has the build id of another', async () => {
    const forged = '-Wl,--build-id=0xc0ffee'
    const [one, other] = [
      await built('one', ['-DWHICH=1', forged]),
      await built('other', ['-DWHICH=2', forged]),
    ]
    for (const program of [one, other]) {
      const [named] = (await crashed(program)).binaries ?? []
      assert.equal(named?.buildId, 'c0ffee')
      assert.equal(sha256(await downloaded(named)), sha256(program))
    }
    assert.notEqual(sha256(one), sha256(other))
    assert.equal((await programs()).filter(([key]) => key.includes('/c0ffee/')).length, 2)
  })

  it('are not stored where they are too large, and the report says so', async () => {
    const program = await built('large')
    await truncate(program, 600 * 2 ** 20)
    const [named] = (await crashed(program)).binaries ?? []
    assert.deepEqual(named, {
      path: program,
      sizeBytes: 600 * 2 ** 20,
      notKept: `it has ${600 * 2 ** 20} bytes, and limits.binarySize is ${512 * 2 ** 20}`,
    })
  })

  it('are stored of a size that takes many requests', async () => {
    const program = await built('sparse')
    await truncate(program, 100 * 2 ** 20)
    const { binaries: [named] = [] } = await crashed(program)
    assert.equal(named?.notKept, undefined)
    assert.equal(sha256(await downloaded(named)), sha256(program))
  })

  it('are stored of a container, below its namespace', async () => {
    const pod = await world.runPod({
      namespace: 'shop',
      name: 'web',
      annotations: { 'coredog.io/inject': 'true' },
      container: { name: 'app', image: world.images.crashers.name, command: ['/bin/segfault'] },
    })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const [named] = (await bucket.reportOf(pod.uid)).binaries ?? []
    assert.match(named?.key ?? '', /^cores\/_binaries\/lab\/shop\//)
    assert.equal(sha256(await downloaded(named)), sha256(path.join(world.images.programs, 'segfault')))
  })

  it('are stored with their libraries where that is wanted', async () => {
    configure({ collect: { hostProcesses: 'collect', binaries: 'modules' } })
    const named = (await crashed(await built('whole'))).binaries ?? []
    const names = named.map(({ path: file = '' }) => path.basename(file))
    assert.equal(names[0], 'whole')
    assert.deepEqual(names.slice(1).sort(), ['ld-linux-x86-64.so.2', 'libc.so.6'])
    for (const each of named) assert.equal(sha256(await downloaded(each)), sha256(each.path ?? ''))
  })

  it('have no tag, unlike their crash, where a rule of the bucket goes by it', async () => {
    configure({ retention: { by: 'lifecycle', maxAge: '30d' } })
    const { binaries: [named] = [], core, id } = await crashed(await built('tagged'))
    const ofCrash = [...(await bucket.sizes()).keys()].filter(key => key.includes(id))
    const names = ofCrash.filter(key => key.startsWith('cores/_index/'))
    const files = ofCrash.filter(key => !names.includes(key))
    assert.deepEqual([files.includes(core?.key ?? ''), names.length], [true, 2])
    for (const key of files) assert.deepEqual(await bucket.tags(key), ['coredog=crash'], key)
    // Of an object without tags it says 404.
    for (const key of [named?.key ?? '', ...names])
      assert.deepEqual(await bucket.tags(key).catch(() => []), [], key)
  })

  it('are left alone where that is wanted', async () => {
    configure({ collect: { hostProcesses: 'collect', binaries: 'off' } })
    assert.equal((await crashed(await built('off'))).binaries, undefined)
  })

  function configure(more: object): void {
    const StorageConfig = bucket.storageConfig
    world.configure({ StorageConfig, cluster: 'lab', collect: { hostProcesses: 'collect' }, ...more })
  }

  async function built(name: string, flags: readonly string[] = ['-DWHICH=0']): Promise<string> {
    const program = path.join(world.dir, name)
    await execa('gcc', ['-O1', '-w', '-Wl,--build-id=sha1', ...flags, '-o', program, SOURCE])
    return program
  }

  async function crashed(program: string, words: readonly string[] = []): Promise<CrashReport> {
    const child = execa(program, words, { reject: false })
    const { pid = 0 } = child
    assert.equal((await child).signal, 'SIGSEGV')
    assert.equal((await world.handler.end(pid)).status, 0)
    return await bucket.report(`the crash of process ${pid}`, ({ process }) => process?.pid === pid)
  }

  async function downloaded(named: ReportBinary | undefined): Promise<string> {
    const file = path.join(world.dir, `downloaded-${named?.sha256}`)
    await bucket.download(named?.key ?? '', file)
    return file
  }

  async function programs(): Promise<[string, number][]> {
    return [...(await bucket.sizes())].filter(([key]) => key.includes('/_binaries/'))
  }
})

function keyOf({ buildId, sha256: hash }: ReportBinary): string {
  return `cores/_binaries/lab/_host/${buildId}/${hash}`
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
