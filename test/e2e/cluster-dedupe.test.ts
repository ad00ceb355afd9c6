/** Of one bug a cluster keeps `dedupe.keep` cores, whichever nodes it crashes on: by a real S3 server. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import { Host } from '../../handoff/host.ts'
import { watchConditionalWrites } from '../../installer/supply/conditional-writes.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../real-s3.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const PROGRAM = path.resolve(import.meta.dirname, '../crashers/binary/program.c')
const NODES = ['node-1', 'node-2', 'node-3'] as const
const KEEP = 2

describe('nodes of a cluster keep cores together', {
  timeout: 600_000,
  skip: findProgram('versitygw') === null && NO_GATEWAY,
}, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let bucket: Bucket
  let program: string

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    const s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    bucket = opened.use(new Bucket(s3))
    program = path.join(world.dir, 'looping')
    await execa('gcc', ['-O1', '-w', '-Wl,--build-id=sha1', '-DWHICH=0', '-o', program, PROGRAM])
    for (const node of NODES) await handOver(node)
    configure(NODES[0])
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => opened.disposeAsync())

  it('tries it in the bucket, and leaves nothing', async () => {
    for (const node of NODES) assert.match(readFileSync(triedOn(node), 'utf8'), /"works":true/)
    assert.deepEqual([...(await bucket.sizes()).keys()], [])
  })

  it(`keeps ${KEEP} cores of twenty crashes on three nodes, and each other report names one`, async () => {
    for (let crash = 0; crash < 20; crash += 1) await crashOn(NODES[crash % NODES.length] ?? assert.fail())
    const cores = await coresIn(bucket)
    assert.equal(cores.length, KEEP)
    const places = [...(await bucket.sizes()).keys()].filter(key => key.includes('/kept/'))
    assert.equal(places.length, KEEP)
    const report = await bucket.report('one that is only counted', ({ core }) => core?.key === undefined)
    assert.ok(cores.includes(report.core?.kept?.key ?? ''), JSON.stringify(report.core))
    assert.match(report.core?.incompleteReason ?? '', /kept in the cluster, and dedupe keeps no more until /)
  })

  it('keeps one on each node where that is wanted', async () => {
    const before = (await coresIn(bucket)).length
    for (const node of NODES) {
      const paths = pathsOf(`other-${node}`)
      await crashOn(node, { paths, dedupe: { window: '1h', keep: 1, scope: 'node' } })
    }
    assert.equal((await coresIn(bucket)).length - before, NODES.length)
  })

  function pathsOf(node: string) {
    const folder = path.join(world.dir, node)
    return {
      log: path.join(world.dir, 'handler.log'),
      state: path.join(folder, 'state'),
      run: path.join(folder, 'run'),
    }
  }

  function triedOn(node: string): string {
    return path.join(pathsOf(node).run, 'conditional-writes.json')
  }

  function settingsOf(node: string): object {
    return {
      StorageConfig: bucket.storageConfig,
      ...{ cluster: 'lab', paths: pathsOf(node), collect: { hostProcesses: 'collect' } },
      dedupe: { window: '1h', keep: KEEP },
    }
  }

  function configure(node: string, more: object = {}): void {
    world.configure({ ...settingsOf(node), ...more })
  }

  /** As the installer of the node does. */
  async function handOver(node: string): Promise<void> {
    const { run } = pathsOf(node)
    mkdirSync(run, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(run, 'node.json'), JSON.stringify({ version: 1, name: node }), { mode: 0o600 })
    const { config } = parseConfig(JSON.stringify(settingsOf(node)))
    const stop = new AbortController()
    const world = {
      config,
      host: new Host('/'),
      nodeName: node,
      log: pino({ enabled: false }),
      random: () => 0,
    }
    const watching = watchConditionalWrites(world, stop.signal)
    await eventually(
      `what ${node} finds of the bucket`,
      60,
      async () => existsSync(triedOn(node)) || undefined,
    )
    stop.abort()
    await watching
  }

  async function crashOn(node: string, more: object = {}): Promise<void> {
    configure(node, more)
    const child = execa(program, { reject: false })
    await child
    assert.equal((await world.handler.end(child.pid ?? 0)).status, 0)
  }
})

async function coresIn(bucket: Bucket): Promise<readonly string[]> {
  return [...(await bucket.sizes()).keys()].filter(key => key.endsWith('/core.gz'))
}
