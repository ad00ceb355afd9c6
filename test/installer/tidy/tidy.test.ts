import assert from 'node:assert/strict'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { dailySlot, secondsUntilDailySlot } from '../../../installer/tidy/daily-slot.ts'
import { tidy } from '../../../installer/tidy/tidy.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { Pause } from '../../../time/pause.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { all } from '../../storage/bodies.ts'
import { openLogLines } from '../log-lines.ts'

const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z')
const OLD = 'shop/web-0/app/20261101T000000Z-app-1-0123456789ab'

it('nodes are spread over the day, and each has its own second of it', () => {
  const seconds = Array.from({ length: 1000 }, (_, at) => dailySlot(`node-${at}`))
  assert.ok(seconds.every(second => Number.isInteger(second) && second >= 0 && second < 86_400))
  const hours = new Set(seconds.map(second => Math.floor(second / 3600)))
  assert.equal(hours.size, 24)
  assert.ok(new Set(seconds).size > 950)
})

it('secondsUntilOurs() leads to that second, today or tomorrow', () => {
  const own = dailySlot('node-7')
  for (const since of [0, own - 1, own, own + 1, 86_399]) {
    const seconds = secondsUntilDailySlot('node-7', new Date(MIDNIGHT + since * 1000))
    assert.ok(seconds > 0 && seconds <= 86_400)
    assert.equal((since + seconds) % 86_400, own)
  }
})

interface Day {
  readonly node: string
  readonly store: FileStore
  readonly lines: ReturnType<typeof openLogLines>['lines']
  readonly waits: number[]
}

/** Lets `hours` go by on a node whose clock moves with the pauses that are made. */
async function live(root: string, yaml: string, waitsInAll: number): Promise<Day> {
  const { log, lines } = openLogLines()
  mkdirSync(path.join(root, 'mnt'), { recursive: true })
  const store = new FileStore({ protocol: 'cfs', mountPath: path.join(root, 'mnt'), storeDir: 'corefiles' })
  await store.put(`${OLD}/core.gz`, [Buffer.alloc(9)], 9)
  await store.put(`${OLD}/report.json`, [Buffer.alloc(9)], 9)
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`)
  const abort = new AbortController()
  const waits: number[] = []
  const pause: Pause = async seconds => {
    waits.push(seconds)
    if (waits.length === waitsInAll) abort.abort()
  }
  const now = () => new Date(MIDNIGHT)
  await tidy(
    { config, host: new Host(root), nodeName: 'node-7', clusterNames: () => [], log, pause, now },
    abort.signal,
  )
  return { node: root, store, lines, waits }
}

it('tidy() looks after the node every hour and after the store once a day, at its second', async t => {
  const root = temporaryFolder(t)
  const remains = path.join(root, 'var/lib/coredog/spool/00000000000a')
  mkdirSync(remains, { recursive: true })
  utimesSync(remains, 0, 0)
  const { store, lines, waits } = await live(root, 'retention: {maxAge: 7d}', 4)
  assert.deepEqual(new Set(waits), new Set([3600, secondsUntilDailySlot('node-7', new Date(MIDNIGHT))]))
  assert.deepEqual(lines.map(({ msg }) => msg).toSorted(), [
    'old crashes removed',
    'remains of a spooled crash removed',
  ])
  for await (const { key } of store.list('')) assert.fail(key)
})

it('tidy() removes no crash unless it is told to', async t => {
  const { store, lines } = await live(temporaryFolder(t), '', 4)
  assert.deepEqual(lines, [])
  assert.equal((await all(store.list(''))).length, 2)
})

it('tidy() removes a program that no crash names, where crashes are removed, and else none', async t => {
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
    const { store } = await live(root, yaml, 4)
    const keys = (await all(store.list(''))).map(({ key }) => key)
    assert.deepEqual(keys, kept)
  }
})

it('tidy() goes on when one thing cannot be done, and says why', async t => {
  const root = temporaryFolder(t)
  mkdirSync(path.join(root, 'var/lib/coredog/spool/00000000000a'), { recursive: true })
  writeFileSync(path.join(root, 'var/lib/coredog/spool/00000000000a/record.json'), '{')
  const { lines } = await live(root, 'retention: {maxAge: 7d}', 4)
  assert.deepEqual(
    lines.map(({ msg, hint }) => [msg, typeof hint]),
    [
      ['abandoned uploads not removed', 'string'],
      ['old crashes removed', 'undefined'],
    ],
  )
})
