import assert from 'node:assert/strict'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { entryOfFolder } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { Host } from '../../../handoff/host.ts'
import type { TryHold } from '../../../installer/upkeep/held.ts'
import { keepUp } from '../../../installer/upkeep/upkeep.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { all } from '../../storage/bodies.ts'
import { openLogLines } from '../log-lines.ts'

const OLD = 'shop/web-0/app/20261101T000000Z-app-1-0123456789ab'
const HELD: TryHold = async () => ({ signal: new AbortController().signal })

interface Life {
  readonly lease?: { readonly tryHold: TryHold } | null
  readonly asked?: number
}

/** Lets an installer live until it has asked so often whether it is its turn. */
async function live(root: string, yaml: string, { lease = { tryHold: HELD }, asked = 2 }: Life = {}) {
  const { log, lines } = openLogLines()
  mkdirSync(path.join(root, 'mnt'), { recursive: true })
  const store = new FileStore({ protocol: 'cfs', mountPath: path.join(root, 'mnt'), storeDir: 'corefiles' })
  await store.put(`${OLD}/core.gz`, [Buffer.alloc(9)], 9)
  const report = Buffer.from(JSON.stringify({ schema: 'coredog.io/report/v1', id: OLD.slice(-12) }))
  await store.put(`${OLD}/report.json`, [report], report.length)
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`)
  const abort = new AbortController()
  const waits: number[] = []
  const pause = async (seconds: number) => {
    waits.push(seconds)
    if (waits.length > asked) abort.abort()
  }
  const node = {
    kube: null,
    onFull: () => undefined,
    config,
    host: new Host(root),
    nodeName: 'node-7',
    clusterNames: () => [],
  }
  await keepUp({ ...node, lease, log, pause, random: () => 0.5 }, abort.signal)
  const left = async () =>
    (await all(store.list(''))).map(({ key }) => key).filter(key => !/^_(?:upkeep|index)\//.test(key))
  return { store, lines, waits, left }
}

it('who has the Lease looks after the store, once a day, and asks each half hour', async t => {
  const { lines, waits, left } = await live(temporaryFolder(t), 'retention: {maxAge: 7d}', { asked: 4 })
  assert.deepEqual(await left(), [])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crashes of before there was an index are in it', 'old crashes removed'],
  )
  assert.deepEqual(waits, [1350, 1800, 1800, 1800, 1800])
})

it('another one that has the Lease by then sees that it was done, and when a day is over', async t => {
  const root = temporaryFolder(t)
  const first = await live(root, 'retention: {maxAge: 7d}')
  await addNames(first.store, entryOfFolder(OLD, '') ?? assert.fail())
  const { left } = await live(root, 'retention: {maxAge: 7d}')
  assert.deepEqual(await left(), [`${OLD}/core.gz`, `${OLD}/report.json`])
  const done = path.join(root, 'mnt/corefiles/_upkeep/_none/tidied')
  utimesSync(done, new Date(), new Date(Date.now() - 24 * 3_600_000))
  const later = await live(root, 'retention: {maxAge: 7d}')
  assert.deepEqual(await later.left(), [])
})

it('who has not leaves the store alone', async t => {
  const { left, lines } = await live(temporaryFolder(t), 'retention: {maxAge: 7d}', {
    lease: { tryHold: async () => null },
  })
  assert.equal((await left()).length, 2)
  assert.deepEqual(lines, [])
})

it('who loses the Lease meanwhile leaves the rest to another one', async t => {
  const { left } = await live(temporaryFolder(t), 'retention: {maxAge: 7d}', {
    lease: { tryHold: async () => ({ signal: AbortSignal.abort(new Error('lost')) }) },
  })
  assert.equal((await left()).length, 2)
})

it('without Kubernetes the only node does it, and asks four times a day', async t => {
  const { left, waits, store } = await live(temporaryFolder(t), 'retention: {maxAge: 7d}', { lease: null })
  assert.deepEqual(await left(), [])
  assert.deepEqual(waits, [1350, 21_600, 21_600])
  assert.equal((await all(store.list('_upkeep/_none/nodes/'))).length, 1)
})

it('no crash is removed unless the configuration tells to', async t => {
  const { left, lines } = await live(temporaryFolder(t), '')
  assert.deepEqual(lines, [])
  assert.equal((await left()).length, 2)
})

it('a program that no crash names is removed where crashes are, and else none', async t => {
  const program = `_binaries/_none/shop/c0ffee/${'ab'.repeat(32)}`
  for (const [yaml, kept] of [
    ['', [program, `${OLD}/core.gz`, `${OLD}/report.json`]],
    ['retention: {maxCount: 1}', [`${OLD}/core.gz`, `${OLD}/report.json`]],
    ['retention: {maxAge: 7d}', []],
  ] as const) {
    const root = temporaryFolder(t)
    const file = path.join(root, 'mnt/corefiles', program)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, '')
    utimesSync(file, 0, 0)
    const { left } = await live(root, yaml)
    assert.deepEqual(await left(), kept)
  }
})

it('when one thing cannot be done the others are, and the log says why', async t => {
  const root = temporaryFolder(t)
  mkdirSync(path.join(root, 'var/lib/coredog/spool/00000000000a'), { recursive: true })
  writeFileSync(path.join(root, 'var/lib/coredog/spool/00000000000a/record.json'), '{')
  const { lines } = await live(root, 'retention: {maxAge: 7d}', { asked: 1 })
  assert.deepEqual(
    lines.map(({ msg, hint }) => [msg, typeof hint]),
    [
      ['abandoned uploads not removed', 'string'],
      ['crashes of before there was an index are in it', 'undefined'],
      ['old crashes removed', 'undefined'],
    ],
  )
})

it('a store that is away is tried again the next time', async t => {
  const root = temporaryFolder(t)
  const { log, lines } = openLogLines()
  const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}')
  const abort = new AbortController()
  let waits = 0
  const pause = async () => {
    waits += 1
    if (waits === 3) abort.abort()
  }
  const node = {
    kube: null,
    onFull: () => undefined,
    config,
    host: new Host(root),
    nodeName: 'node-7',
    clusterNames: () => [],
  }
  await keepUp({ ...node, lease: { tryHold: HELD }, log, pause }, abort.signal)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['store not looked after', 'store not looked after'],
  )
})
