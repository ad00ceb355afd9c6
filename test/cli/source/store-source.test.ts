import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Selection } from '../../../cli/source/source.ts'
import { openStoreSource, StoreSource } from '../../../cli/source/store-source.ts'
import { storedGroup } from '../../../cli/source/stored-group.ts'
import type { Coredump } from '../../../coredump/coredump.ts'
import { groupFolder } from '../../../crash/group-key.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { REPORT_SCHEMA } from '../../../crash/report.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { StoreError } from '../../../storage/errors.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { addCrash, digest, emptyStore } from '../stored-crash.ts'

const OPTIONS = { requestTimeout: 30 }
const ALL: Selection = { namespace: null }
const at = (time: string) => new Date(`2026-11-21T${time}Z`)

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function idsOf(crashes: AsyncIterable<Coredump>): Promise<string[]> {
  return (await all(crashes)).map(({ spec }) => spec.id)
}

async function threeCrashes() {
  const { folder, store } = await emptyStore()
  await addCrash(store, { id: 'aaaaaaaaaaaa', time: at('01:00:00') })
  await addCrash(store, {
    id: 'bbbbbbbbbbbb',
    time: at('03:00:00'),
    cluster: 'stage',
    pod: 'web-0',
    signal: 6,
  })
  await addCrash(store, { id: 'cccccccccccc', time: at('02:00:00'), namespace: 'dev' })
  return { folder, store }
}

it('list() tells the newest first, of all clusters and namespaces', async () => {
  const { folder } = await threeCrashes()
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  assert.deepEqual(await idsOf(source.list(ALL)), ['bbbbbbbbbbbb', 'cccccccccccc', 'aaaaaaaaaaaa'])
  assert.deepEqual(await idsOf(source.list({ namespace: 'shop' })), ['bbbbbbbbbbbb', 'aaaaaaaaaaaa'])
})

it('list() tells of one cluster, since a time, by labels and fields', async () => {
  const { folder } = await threeCrashes()
  const open = (more: object) => openStoreSource({ ...OPTIONS, bucket: folder, ...more })
  assert.deepEqual(await idsOf((await open({ cluster: 'stage' })).list(ALL)), ['bbbbbbbbbbbb'])
  assert.deepEqual(await idsOf((await open({ cluster: 'stage' })).list({ namespace: 'dev' })), [])
  const source = await open({})
  assert.deepEqual(await idsOf(source.list({ ...ALL, since: at('02:30:00') })), ['bbbbbbbbbbbb'])
  assert.deepEqual(await idsOf(source.list({ namespace: 'shop', since: at('02:30:00') })), ['bbbbbbbbbbbb'])
  assert.deepEqual(await idsOf(source.list({ ...ALL, labels: 'coredog.io/signal=SIGABRT' })), [
    'bbbbbbbbbbbb',
  ])
  assert.deepEqual(await idsOf(source.list({ ...ALL, fields: 'spec.pod.name=web-0' })), ['bbbbbbbbbbbb'])
})

it('list() says what a selector lacks, as wrong usage', async () => {
  const { folder } = await threeCrashes()
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  await assert.rejects(idsOf(source.list({ ...ALL, labels: 'a in b' })), { exitCode: 2 })
  await assert.rejects(idsOf(source.list({ ...ALL, fields: 'spec.image=x' })), { exitCode: 2 })
})

it('list() of a store whose crashes have no names says how they get them, and of an empty one nothing', async () => {
  const { folder, store } = await emptyStore()
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  assert.deepEqual(await idsOf(source.list(ALL)), [])
  await mkdir(path.join(folder, 'corefiles'))
  await addCrash(storeIn(path.join(folder, 'corefiles')))
  await assert.rejects(idsOf(source.list(ALL)), /they are in its folder "corefiles"/)
  await rm(path.join(folder, 'corefiles'), { recursive: true })
  await store.put(`${indexedFolder(ENTRY)}/report.json`, [Buffer.from('{}')], 2)
  await assert.rejects(idsOf(source.list(ALL)), /stored by a release without an index/)
})

it('a crash has its core from any byte, its report, log, programs, by what its namespace has', async () => {
  const { folder, store } = await emptyStore()
  const content = Buffer.from('\x7fELF program')
  const binaries = [{ path: '/app/server', buildId: 'ab'.repeat(20), content }]
  const core = Buffer.alloc(100_000, 'core')
  await addCrash(store, { core, log: 'last words\n', binaries })
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  const crash = await source.named('20261121t042117z-3f2a9c01d4e5', 'shop')
  assert.ok(crash !== null)
  assert.equal(crash.status.phase, 'Stored')
  const whole = await source.core(crash)
  const stored = await buffer(whole.body)
  assert.deepEqual(gunzipSync(stored), core)
  assert.equal(whole.totalBytes, stored.length)
  const rest = await source.core(crash, { firstByte: 10 })
  assert.deepEqual(await buffer(rest.body), stored.subarray(10))
  assert.equal((await source.report(crash)).id, '3f2a9c01d4e5')
  assert.equal(await text((await source.log(crash)) ?? assert.fail()), 'last words\n')
  const [binary] = await source.binaries(crash)
  assert.deepEqual(binary, {
    ...{ path: '/app/server', buildId: 'ab'.repeat(20) },
    ...{ sha256: digest(content), sizeBytes: content.length },
  })
  assert.deepEqual(await buffer((await source.binary(crash, digest(content))).body), content)
  await assert.rejects(source.binary(crash, digest(core)), { exitCode: 3 })
})

it('group() is what the nodes of the crash’s own cluster and namespace count of it', async () => {
  const { folder, store } = await emptyStore()
  const { cluster, namespace } = ENTRY
  const named = { cluster, namespace, workload: 'Deployment.checkout', fingerprint: ['x'] }
  const count = { crashes: 3, first: at('01:00:00'), last: at('03:00:00'), pods: 2, images: ['web:1'] }
  const groups = [groupFolder(named), groupFolder({ ...named, namespace: 'pay' })] as const
  for (const group of groups) await new CrashGroup(store, group).putCount('node-1', count)
  const counted = async (countedIn?: string) => {
    await addCrash(store, { report: countedIn === undefined ? {} : { countedIn } })
    const source = await openStoreSource({ ...OPTIONS, bucket: folder })
    return await source.group((await source.named('20261121t042117z-3f2a9c01d4e5', 'shop')) ?? assert.fail())
  }
  assert.deepEqual(await counted(groups[0]), { ...count, nodes: 1, countedIn: groups[0] })
  assert.equal(await counted(groups[1]), null)
  assert.equal(await counted(), null)
})

it('group() of credentials that are for crashes only is none', async () => {
  const { store } = await emptyStore()
  const countedIn = groupFolder({ ...ENTRY, workload: 'x', fingerprint: ['x'] })
  const entry = await addCrash(store, { report: { countedIn } })
  const asked = (status: number) => {
    const cause = Object.assign(new Error('no'), { $metadata: { httpStatusCode: status } })
    const list = () => {
      throw new StoreError('list', '_groups', cause)
    }
    const refusing = Object.assign(Object.create(store), { list })
    return storedGroup(refusing, { entry, report: { schema: REPORT_SCHEMA, id: entry.id, countedIn } })
  }
  assert.equal(await asked(403), null)
  await assert.rejects(asked(500), StoreError)
})

it('the report of a crash is read once, however many of its programs are wanted', async () => {
  const { store } = await emptyStore()
  const contents = ['one', 'two', 'three'].map(text => Buffer.from(text))
  await addCrash(store, {
    binaries: contents.map(content => ({ path: `/${content}`, buildId: 'ab'.repeat(20), content })),
  })
  const read: string[] = []
  const get = store.get.bind(store)
  store.get = (key, options) => {
    read.push(path.basename(key))
    return get(key, options)
  }
  const source = new StoreSource({ name: 'a store', store, cluster: null, symbolFolders: [] }, null)
  const crash = (await source.named('20261121t042117z-3f2a9c01d4e5', 'shop')) ?? assert.fail()
  assert.equal((await source.report(crash)).id, crash.spec.id)
  assert.equal((await source.binaries(crash)).length, 3)
  for (const content of contents) await buffer((await source.binary(crash, digest(content))).body)
  assert.equal(read.filter(name => name === 'report.json').length, 1)
})

it('a report that is not there yet is read again', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  const key = `${indexedFolder(ENTRY)}/report.json`
  const report = await buffer(await store.get(key))
  await store.remove(key)
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  const crash = (await source.named('20261121t042117z-3f2a9c01d4e5', 'shop')) ?? assert.fail()
  await assert.rejects(source.report(crash), { exitCode: 3 })
  await store.put(key, [report], report.length)
  assert.equal((await source.report(crash)).id, ENTRY.id)
})

it('a crash without core or log says so', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { storedBytes: 0 })
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  const crash = (await source.named('20261121t042117z-3f2a9c01d4e5', 'shop')) ?? assert.fail()
  assert.equal(await source.log(crash), null)
  await assert.rejects(source.core(crash), { exitCode: 3, message: /Cannot get the core of 3f2a9c01d4e5/ })
})

it('remove() takes a crash and its names away, and no other', async () => {
  const { folder, store } = await threeCrashes()
  const source = await openStoreSource({ ...OPTIONS, bucket: folder })
  const [crash] = await all(source.list({ namespace: 'dev' }))
  await source.remove(crash ?? assert.fail())
  const keys = (await all(store.list(''))).map(({ key }) => key)
  assert.deepEqual(
    keys.filter(key => key.includes('cccccccccccc')),
    [],
  )
  assert.deepEqual(await idsOf(source.list(ALL)), ['bbbbbbbbbbbb', 'aaaaaaaaaaaa'])
})

it('openStoreSource() reads the store that a configuration names, with its secrets', async () => {
  const { folder } = await threeCrashes()
  const file = path.join(folder, 'coredog.yaml')
  await writeFile(
    file,
    `StorageConfig: {protocol: cfs, CFSMountPath: ${folder}, StoreDir: /}\ncluster: stage\n`,
  )
  const source = await openStoreSource({ ...OPTIONS, config: file })
  assert.deepEqual(await idsOf(source.list(ALL)), ['bbbbbbbbbbbb'])
})

for (const bucket of ['', 'no/such/folder', 's3://', 's3://../x', 'gs://bucket'])
  it(`openStoreSource() refuses "${bucket}" as wrong usage`, async () => {
    await assert.rejects(openStoreSource({ ...OPTIONS, bucket }), { exitCode: 2 })
  })

it('openStoreSource() takes a bucket with its folder, server and region', async () => {
  const name = async (options: object) => (await openStoreSource({ ...OPTIONS, ...options })).name
  assert.equal(await name({ bucket: 's3://cores/prod/a' }), 's3://cores/prod/a/')
  assert.equal(await name({ bucket: 'cores', endpoint: 'http://127.0.0.1:9000' }), 's3://cores/')
  assert.equal(
    await name({ bucket: 'cos://cores-1250000000', region: 'ap-nanjing' }),
    'cos://cores-1250000000/',
  )
})
