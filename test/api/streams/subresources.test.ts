import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { capacity } from '../../../api/capacity.ts'
import { binaryKey } from '../../../crash/binary-key.ts'
import { groupFolder } from '../../../crash/group-key.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { type Served, serve } from '../served.ts'
import { CORE, crashPath, ENTRY, storeCrash } from '../stored-crash.ts'

const FOLDER = indexedFolder(ENTRY)
const SHA256 = 'ab'.repeat(32)
const BUILD = 'cd'.repeat(20)
const OWN = { cluster: 'east', namespace: 'shop' }
const GROUP = groupFolder({ ...OWN, workload: 'Deployment.web', fingerprint: ['x'] })
const COUNT = {
  ...{ crashes: 3, pods: 2, images: [] },
  first: new Date('2026-11-28T04:00:00Z'),
  last: new Date('2026-11-28T04:21:17Z'),
}

it('log, report and backtrace are what is stored of the crash', async t => {
  const served = await serve(t)
  const frames = [{ function: 'main', file: '/src/shop.cc', line: 9, own: true }]
  const path = await storeCrash(served, { report: { crash: { frames } } })
  served.store.set(`${FOLDER}/log.txt`, '2026-11-28T04:21:17Z stderr oops\n')
  const log = await fetch(`${served.url}${path}/log`)
  assert.equal(log.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(await log.text(), '2026-11-28T04:21:17Z stderr oops\n')
  const report = await fetch(`${served.url}${path}/report`)
  assert.equal(report.headers.get('content-type'), 'application/json')
  assert.equal(await report.text(), String(served.store.objects.get(`${FOLDER}/report.json`)))
  const backtrace = await (await fetch(`${served.url}${path}/backtrace`)).text()
  assert.match(backtrace, /▸ main {2}shop\.cc:9\n/)
})

it('a log runs nothing on a terminal, and a program gets it as it was stored', async t => {
  const served = await serve(t)
  const path = await storeCrash(served)
  const evil = 'one\tü\n\x1b]0;pwned\x07\x1b[2J\r\u202eone\x9b31m\n'
  served.store.set(`${FOLDER}/log.txt`, evil)
  const asked = async (query: string) => (await fetch(`${served.url}${path}/log${query}`)).text()
  assert.equal(await asked(''), 'one\tü\n\\x1b]0;pwned\\x07\\x1b[2J\\x0d\\u{202e}one\\x9b31m\n')
  assert.equal(await asked('?raw=true'), evil)
  const lines = served.lines.filter(({ msg, what }) => msg === 'download' && what === 'log')
  assert.deepEqual(
    lines.map(({ bytes }) => bytes),
    [Buffer.byteLength(evil), Buffer.byteLength(evil)],
  )
  served.store.set(`${FOLDER}/log.txt`, '')
  assert.equal(await asked(''), '')
  served.store.set(`${FOLDER}/log.txt`, Buffer.alloc((1 << 18) + 1))
  assert.deepEqual(await status(served, `${path}/log`), [413, 'RequestEntityTooLarge'])
})

it('a log that was not kept, and a report that is gone or too large, is a Status', async t => {
  const served = await serve(t)
  const path = await storeCrash(served)
  assert.deepEqual(await status(served, `${path}/log`), [404, 'NotFound'])
  served.store.set(`${FOLDER}/report.json`, Buffer.alloc((1 << 20) + 1))
  assert.deepEqual(await status(served, `${path}/report`), [413, 'RequestEntityTooLarge'])
  assert.deepEqual(await status(served, `${path}/backtrace`), [404, 'NotFound'])
  served.store.objects.delete(`${FOLDER}/report.json`)
  assert.deepEqual(await status(served, `${path}/report`), [404, 'NotFound'])
})

it('group is how often crashes like it came to the whole cluster, and until when nobody hears of them', async t => {
  const served = await serve(t)
  const path = await storeCrash(served, { report: { countedIn: GROUP } })
  const group = new CrashGroup(served.store as unknown as ObjectStore, GROUP)
  await group.putCount('node-1', { ...COUNT, images: ['shop:1\x1b[2J', 'x'.repeat(512)] })
  await group.putCount('node-2', { ...COUNT, images: [] })
  const { images, ...count } = (await (await fetch(`${served.url}${path}/group`)).json()) as {
    images: string[]
  }
  const [first, last] = [COUNT.first.toISOString(), COUNT.last.toISOString()]
  assert.deepEqual(count, { countedIn: GROUP, crashes: 6, nodes: 2, pods: 4, first, last })
  assert.deepEqual([images[0], images[1]?.length], ['shop:1\\x1b[2J', 300])
  const until = new Date(Date.now() + 3_600_000)
  await group.mute({ until })
  const muted = (await (await fetch(`${served.url}${path}/group`)).json()) as { mutedUntil: string }
  assert.equal(muted.mutedUntil, until.toISOString())
  await group.mute({ until: new Date(Date.now() - 1) })
  assert.ok(!('mutedUntil' in ((await (await fetch(`${served.url}${path}/group`)).json()) as object)))
})

it('group of a crash that is counted by its node alone, by another tenant or not yet is a Status that says so', async t => {
  const served = await serve(t)
  const foreign = groupFolder({ ...OWN, namespace: 'bank', workload: 'web', fingerprint: ['x'] })
  await new CrashGroup(served.store as unknown as ObjectStore, foreign).putCount('node-1', COUNT)
  for (const [countedIn, why] of [
    [undefined, /"20261128t042117z-3f2a9c01d4e5" has no count of the cluster: its node counts .* alone$/],
    [foreign, /its node counts crashes like it alone$/],
    [GROUP, /nothing was counted of it yet$/],
  ] as const) {
    const path = await storeCrash(served, { report: countedIn === undefined ? {} : { countedIn } })
    assert.deepEqual(await status(served, `${path}/group`), [404, 'NotFound'])
    assert.match(await message(served, `${path}/group`), why)
  }
})

it('group of a store that does not go on with its answer is a Status, not a wait', async t => {
  const served = await serve(t, { options: { groupSeconds: 0.05 } })
  const path = await storeCrash(served, { report: { countedIn: GROUP } })
  await new CrashGroup(served.store as unknown as ObjectStore, GROUP).putCount('node-1', COUNT)
  const { get } = served.store
  for (const silent of [GROUP, `${FOLDER}/report.json`]) {
    served.store.get = async (key, options = {}) => {
      if (!key.startsWith(silent)) return get.call(served.store, key, options)
      return new Readable({ read: () => undefined, ...(options.signal && { signal: options.signal }) })
    }
    assert.deepEqual(await status(served, `${path}/group`), [503, 'ServiceUnavailable'])
  }
})

it('group is read for one user twice at once, so that others need not wait for the store, and is no download', {
  timeout: 10_000,
}, async t => {
  const served = await serve(t, { options: { capacity: capacity({ downloads: 1 }) } })
  const path = await storeCrash(served, { report: { countedIn: GROUP } })
  const other = groupFolder({ ...OWN, workload: 'Deployment.web', fingerprint: ['y'] })
  const ofOther = await storeCrash(served, {
    entry: { id: '0123456789ab' },
    report: { countedIn: other },
  })
  for (const group of [GROUP, other])
    await new CrashGroup(served.store as unknown as ObjectStore, group).putCount('node-1', COUNT)
  const { get } = served.store
  const [two, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let reading = 0
  served.store.get = async (key, options) => {
    if (key.startsWith(GROUP)) {
      reading += 1
      if (reading === 2) two.resolve()
      await held.promise
    }
    return get.call(served.store, key, options)
  }
  const ask = (user: string, of: string) => fetch(`${served.url}${of}/group`, { headers: { user } })
  const ofAnn = Array.from({ length: 5 }, () => ask('ann', path))
  await two.promise
  assert.equal((await ask('bob', ofOther)).status, 200)
  assert.equal(reading, 2)
  held.resolve()
  for (const { status } of await Promise.all(ofAnn)) assert.equal(status, 200)
})

it('url opens the core for a while, where the store has such links', async t => {
  const served = await serve(t)
  const path = await storeCrash(served, { file: 'core.zst' })
  const { url, expires } = (await (await fetch(`${served.url}${path}/url`)).json()) as Record<string, string>
  assert.match(url ?? '', /^https:\/\/store\.example\/shop\/.*core\.zst\?savedAs=core\.3f2a9c01d4e5\.zst&/)
  assert.equal(expires, '2026-11-28T13:00:00Z')
  assert.ok(
    served.lines.some(({ msg, what, user }) => msg === 'download' && what === 'url' && user === 'ann'),
  )
  served.store.links = false
  assert.deepEqual(await status(served, `${path}/url`), [501, 'NotImplemented'])
})

it('binaries are those of its own namespace that the crash names and the store has', async t => {
  const served = await serve(t, { options: { symbolFolders: ['_symbols'] } })
  const foreign = binaryKey({ cluster: 'east', namespace: 'bank' }, BUILD, SHA256)
  const named = { path: '/app/shop', buildId: BUILD, sha256: SHA256, key: `dir/${foreign}` }
  const absent = { ...named, path: '/lib/libc.so.6', sha256: 'ef'.repeat(32) }
  const hostile = { ...named, path: '/x', sha256: '../../../bank' }
  const path = await storeCrash(served, { report: { binaries: [named, absent, hostile] } })
  served.store.set(foreign, 'of the bank')
  assert.deepEqual(await binaries(served, path), { items: [] })
  assert.deepEqual(await status(served, `${path}/proxy/binaries/${SHA256}`), [404, 'NotFound'])

  served.store.set(binaryKey(OWN, BUILD, SHA256), 'own')
  served.store.set(`_symbols/buildid/${BUILD}/debuginfo`, 'names')
  assert.deepEqual(await binaries(served, path), {
    items: [
      { path: '/app/shop', buildId: BUILD, sha256: SHA256, sizeBytes: 3 },
      { buildId: BUILD, sizeBytes: 5, isSymbols: true },
    ],
  })
  const text = async (rest: string) => (await fetch(`${served.url}${path}/proxy/${rest}`)).text()
  assert.equal(await text(`binaries/${SHA256}`), 'own')
  assert.equal(await text(`symbols/${BUILD}`), 'names')
})

it('binaries have links for who may have that of the core', async t => {
  const asked: unknown[] = []
  const mayDo = async (_user: unknown, attributes: unknown) => asked.push(attributes) > 0
  const served = await serve(t, { outside: { mayDo } })
  const path = await storeCrash(served, { report: { binaries: [{ sha256: SHA256 }] } })
  served.store.set(binaryKey(OWN, null, SHA256), 'own')
  const { items } = (await binaries(served, path)) as { items: readonly { url?: string }[] }
  assert.match(items[0]?.url ?? '', /_binaries\/east\/shop\/_none\//)
  const crash = { group: 'coredog.io', resource: 'coredumps', namespace: 'shop' }
  assert.deepEqual(asked[0], {
    verb: 'get',
    ...crash,
    subresource: 'url',
    name: '20261128t042117z-3f2a9c01d4e5',
  })
})

it('no path of proxy leads out of what the crash names', async t => {
  const served = await serve(t, { options: { symbolFolders: ['_symbols'] } })
  const path = await storeCrash(served)
  served.store.set('_symbols/buildid/abababababababab/debuginfo', 'of another program')
  const rests = [
    'binaries',
    `binaries/${SHA256}`,
    'binaries/..%2f..%2fx',
    'symbols/abababababababab',
    'x',
    'symbols/a/b',
  ]
  for (const rest of rests) assert.deepEqual(await status(served, `${path}/proxy/${rest}`), [404, 'NotFound'])
})

it('a crash without a core is a Status that says which one like it has one', async t => {
  const served = await serve(t)
  const kept = { ...ENTRY, id: 'aaaaaaaaaaaa' }
  const like = (namespace: string) => ({
    core: { kept: { key: `dir/${indexedFolder({ ...kept, namespace })}/core.gz`, url: 's3://secret/x' } },
  })
  const path = await storeCrash(served, { core: null, report: like('shop') })
  assert.match(
    await message(served, `${path}/proxy`),
    /enough like it .* as coredump "20261128t042117z-aaaaaaaaaaaa"$/,
  )
  await storeCrash(served, { core: null, report: like('bank') })
  assert.match(await message(served, `${path}/proxy`), /has no core: enough like it were kept$/)
  await storeCrash(served, { core: null, report: { core: { incompleteReason: 'the disk was full' } } })
  assert.match(await message(served, `${path}/url`), /has no core: the disk was full$/)
})

it('what is no crash of the namespace is not found, whatever its name is', async t => {
  const served = await serve(t)
  await storeCrash(served)
  await storeCrash(served, { entry: { namespace: 'gone' } })
  const strange = ['x', '..%2f..%2fbank', '20261128t042117z-3f2a9c01d4e5%00', '20261128t042117z-3F2A9C01D4E5']
  for (const name of strange) {
    const path = `/apis/coredog.io/v1alpha1/namespaces/shop/coredumps/${name}/proxy`
    assert.deepEqual(await status(served, path), [404, 'NotFound'], name)
  }
  assert.deepEqual(await status(served, `${crashPath({ ...ENTRY, namespace: 'bank' })}/proxy`), [
    404,
    'NotFound',
  ])
  assert.deepEqual(await status(served, `${crashPath({ ...ENTRY, namespace: 'gone' })}/proxy`), [
    404,
    'NotFound',
  ])
})

it('a core that is removed meanwhile is not found, and one whose key the report has elsewhere is its own', async t => {
  const served = await serve(t)
  const core = { key: 'dir/bank/vault/app/20261128T042117Z-x-1-aaaaaaaaaaaa/core.gz', complete: true }
  served.store.set('bank/vault/app/20261128T042117Z-x-1-aaaaaaaaaaaa/core.gz', 'of the bank')
  const path = await storeCrash(served, { report: { core } })
  assert.deepEqual(Buffer.from(await (await fetch(`${served.url}${path}/proxy`)).arrayBuffer()), CORE)
  served.store.objects.delete(`${FOLDER}/core.gz`)
  assert.deepEqual(await status(served, `${path}/proxy`), [404, 'NotFound'])
})

async function binaries({ url }: Served, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}/binaries`)).json()
}

async function status({ url }: Served, path: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${url}${path}`)
  const { reason } = (await answer.json()) as { reason: string }
  return [answer.status, reason]
}

async function message({ url }: Served, path: string): Promise<string> {
  const { message: said } = (await (await fetch(`${url}${path}`)).json()) as { message: string }
  return said
}
