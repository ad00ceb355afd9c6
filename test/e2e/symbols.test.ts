/** Names for stripped programs that crash, from a real bucket and from a server. */
import assert from 'node:assert/strict'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport } from '../../crash/report.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { listenTracked } from '../tracked-server.ts'
import { Bucket } from './bucket.ts'
import { unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/why/throws.cpp')
const skip = findProgram('versitygw') === null && NO_GATEWAY
/** Of the program's own functions, from where the exception left. */
const NAMES = [/^load_cart\(.*\)$/, /^serve\(char const\*\)$/, /^main$/]

describe('a stripped program that crashes', { timeout: 600_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let bucket: Bucket
  let whole: string
  let program: string
  let buildId: string

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    const s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    bucket = opened.use(new Bucket(s3))
    ;[whole, program] = [path.join(world.dir, 'whole'), path.join(world.dir, 'shop')]
    await execa('g++', ['-O1', '-g', '-fno-inline', '-Wl,--build-id', '-o', whole, SOURCE])
    await execa('strip', ['-o', program, whole])
    const { stdout } = await execa('readelf', ['-n', whole])
    buildId = /Build ID: ([0-9a-f]{40})/.exec(stdout)?.[1] ?? assert.fail(stdout)
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => opened.disposeAsync())

  it('has names in report and message, of what a CI has put into the bucket', async () => {
    configure([])
    const bare = await crashed()
    assert.deepEqual(ownNames(bare), [undefined, undefined, undefined])
    configure(['_symbols'])
    const { stdout } = await execa(HANDLER, [
      `--config=${world.handler.configFile}`,
      'symbols',
      'upload',
      whole,
    ])
    const key = `cores/_symbols/buildid/${buildId}/debuginfo`
    assert.match(stdout, new RegExp(`^ok .*: s3://cores/${key}$`))
    assert.ok((await bucket.sizes()).has(key))

    const named = await crashed()
    assertNamed(named)
    assert.deepEqual(named.symbols, [{ buildId, url: `s3://cores/${key}`, key }])
    for (const field of ['site', 'fingerprint', 'group', 'reason'] as const)
      assert.equal(named.crash?.[field], bare.crash?.[field], field)
    assert.match(JSON.stringify(await world.chat.message(named.id)), /load_cart.*throws\.cpp:\d+/)
  })

  it('opens in gdb with names, of what is in the bucket', async () => {
    const report = await crashed()
    const debug = path.join(world.dir, 'debug')
    const file = path.join(debug, '.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`)
    await bucket.download(report.symbols?.[0]?.key ?? '', file)
    const [packed, core] = [path.join(world.dir, 'core.gz'), path.join(world.dir, 'core')]
    await bucket.download(report.core?.key ?? '', packed)
    await unpackCore({ folder: '', report, core: packed }, core)
    const settings = ['-iex', `set debug-file-directory ${debug}`, '-iex', 'set debuginfod enabled off']
    const { stdout } = await execa('gdb', ['-batch', '-nx', ...settings, '-ex', 'bt', program, core])
    assert.match(stdout, / in load_cart.* \(\) at .*:\d+\n(?:.*\n)*?.* serve.* \(\) at /)
  })

  it('has names of a server that has what --output wrote', async () => {
    const folder = path.join(world.dir, 'served')
    await execa(HANDLER, ['symbols', 'upload', `--output=${folder}`, whole])
    await using server = await serving(({ url = '' }, response) => {
      const file = path.join(folder, path.posix.normalize(url))
      if (existsSync(file)) createReadStream(file).pipe(response)
      else response.writeHead(404).end()
    })
    configure([server.url])
    const named = await crashed()
    assertNamed(named)
    assert.deepEqual(named.symbols, [{ buildId, url: `${server.url}/buildid/${buildId}/debuginfo` }])
  })

  it('has no names of a server that hangs, and all else', async () => {
    await using server = await serving(() => undefined)
    configure([server.url])
    const report = await crashed()
    assert.deepEqual([ownNames(report), report.symbols], [[undefined, undefined, undefined], undefined])
    assert.match(report.crash?.reason ?? '', /std::runtime_error: no such cart/)
    await world.chat.message(report.id)
    const line = await world.handler.logged('symbols not read', ({ msg }) => msg === 'symbols not read')
    assert.equal(line.source, server.url)
    configure([server.url, '_symbols'])
    assertNamed(await crashed())
  })

  it('has no names of the file of another build', async () => {
    const other = path.join(world.dir, 'other')
    await execa('g++', ['-O2', '-g', '-Wl,--build-id', '-o', other, SOURCE])
    const folder = path.join(world.dir, 'other-served')
    await execa(HANDLER, ['symbols', 'upload', `--output=${folder}`, other])
    const { stdout } = await execa('find', [folder, '-name', 'debuginfo'])
    await using server = await serving((_, response) => void response.end(readFileSync(stdout)))
    configure([server.url])
    const report = await crashed()
    assert.deepEqual([ownNames(report), report.symbols], [[undefined, undefined, undefined], undefined])
    const msg = 'symbols of another build not used'
    await world.handler.logged(msg, line => line.msg === msg && line.buildId === buildId)
  })

  it('has no names where nobody has them, and the log says nothing of it', async () => {
    configure(['_none'])
    const lines = () => world.handler.log().filter(({ msg }) => /symbols/.test(msg)).length
    const before = lines()
    const report = await crashed()
    assert.deepEqual([ownNames(report), report.symbols], [[undefined, undefined, undefined], undefined])
    assert.equal(lines(), before)
  })

  function configure(symbols: readonly string[]): void {
    world.configure({ StorageConfig: bucket.storageConfig, collect: { hostProcesses: 'collect' }, symbols })
  }

  async function crashed(): Promise<CrashReport> {
    const child = execa(program, ['yours'], { reject: false })
    const { pid = 0 } = child
    assert.ok((await child).signal)
    assert.equal((await world.handler.end(pid)).status, 0)
    return await bucket.report(`the crash of ${pid}`, ({ process }) => process?.pid === pid)
  }

  function ownNames({ crash }: CrashReport): readonly (string | undefined)[] {
    const own = crash?.frames?.filter(({ module }) => module === program) ?? []
    return own.map(({ function: name }) => name).slice(0, NAMES.length)
  }

  function assertNamed(report: CrashReport): void {
    const own = report.crash?.frames?.filter(({ module }) => module === program).slice(0, NAMES.length) ?? []
    for (const [index, name] of NAMES.entries()) {
      assert.match(own[index]?.function ?? '', name)
      assert.match(own[index]?.file ?? '', /throws\.cpp$/)
      assert.ok((own[index]?.line ?? 0) > 0)
      assert.equal(own[index]?.own, true)
    }
  }
})

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const { port, close } = await listenTracked(http.createServer(answer))
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close }
}
