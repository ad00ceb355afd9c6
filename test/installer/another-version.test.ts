import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, it, type TestContext } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { Attempts } from '../../fallback/attempts.ts'
import { Ledger } from '../../fallback/ledger.ts'
import { deduplicationIn } from '../../handler/deduplicate/deduplication.ts'
import { readHandoff } from '../../handler/handoff/handoff.ts'
import { BegunFolder } from '../../handoff/begun-folder.ts'
import { LEFT_ALONE } from '../../handoff/format-version.ts'
import { readHeartbeat } from '../../handoff/heartbeat.ts'
import { Host } from '../../handoff/host.ts'
import { LeftAlone } from '../../handoff/left-alone.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { SeenFolder } from '../../handoff/seen-folder.ts'
import { readOriginal, saveOriginal } from '../../installer/node/original.ts'
import { removeFolders } from '../../installer/node/our-folders.ts'
import { closeCases } from '../../installer/outbox/closed-groups.ts'
import { takeOverKilled } from '../../installer/spool/killed-handlers.ts'
import { withdrawCrash } from '../../installer/spool/withdrawn-crash.ts'
import { EventOutbox } from '../../installer/telemetry/event-outbox.ts'
import { removeOldGroups } from '../../installer/tidy/old-groups.ts'
import { removeQuietGroups } from '../../installer/tidy/quiet-groups.ts'
import { removeSpoolRemains } from '../../installer/tidy/spool-remains.ts'
import { finishRemoval } from '../../installer/upkeep/removal.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { type LogLine, openLogLines } from './log-lines.ts'
import { BEFORE, scratchNode } from './node/scratch-node.ts'

const ID = '0123456789ab'
const CASE = 'ab'.repeat(16)
const NEXT = `${JSON.stringify({ version: 2, id: ID, crash: 'in a way of which we know nothing' })}\n`
const LINES = `version 2\n2026-11-01T00:00:00Z ${ID}\n`
const MONTH_SECONDS = 30 * 24 * 3600

let folder: string
let host: Host
let lines: LogLine[]
let log: ReturnType<typeof openLogLines>['log']

const inState = (name: string) => host.path(`/var/lib/coredog/${name}`)

beforeEach(t => {
  folder = temporaryFolder(t as TestContext)
  host = new Host(folder)
  ;({ log, lines } = openLogLines())
})

/** A file that the next release has left a month ago. */
function left(name: string, text = NEXT): string {
  const file = inState(name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  const then = Date.now() / 1000 - MONTH_SECONDS
  utimesSync(file, then, then)
  return file
}

function assertStays(file: string, text = NEXT, isTold = true): void {
  assert.equal(readFileSync(file, 'utf8'), text)
  const told = lines.filter(({ msg }) => msg === LEFT_ALONE).map(line => line.file)
  if (isTold) assert.deepEqual(told, [file])
}

const config = () =>
  parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: ${folder}}
paths: {state: /var/lib/coredog, run: /run/coredog}
NoticeChannel: [{chan: slack, webhookurl: "https://hooks.example/T"}]`).config

it('a beginning of another version stays, and the log says so once', async () => {
  const file = left(`begun/${ID}.json`)
  const begun = new BegunFolder(inState(''))
  const leftAlone = new LeftAlone(log)
  const options = {
    begun,
    config: config(),
    host,
    procFolder: '/proc',
    now: () => new Date(),
    leftAlone,
    log,
  }
  for (let round = 0; round < 3; round += 1) await takeOverKilled(options)
  await begun.tidy(new Date())
  assertStays(file)
})

it('an outbox entry of another version stays where it is', async () => {
  const file = left(`outbox/${ID}.json`)
  const outbox = new OutboxFolder(inState('outbox'))
  assert.equal(await outbox.read(ID), 'another version')
  await outbox.tidy(new Date())
  assertStays(file, NEXT, false)
})

for (const [name, text] of [
  [`dedupe/${CASE}`, LINES],
  [`dedupe/${CASE}.suppressed.json`, NEXT],
  [`dedupe/${CASE}.closing`, LINES],
  [`dedupe/${CASE}.closing`, NEXT],
] as const)
  it(`${name} of another version, ${JSON.stringify(text.slice(0, 11))}…, stays, and so does the case`, async () => {
    const file = left(name, text)
    const options = { config: config(), host, log, leftAlone: new LeftAlone(log) }
    for (let round = 0; round < 3; round += 1) await closeCases(options)
    await withdrawCrash(inState('dedupe'), ID)
    lines.length = 0
    await removeOldGroups(inState('dedupe'), { windowSeconds: 300 }, { now: new Date(), log })
    assertStays(file, text)
  })

it('a crash of a case of another version is kept, and its file as it was', async () => {
  const groups = { fingerprint: ['a', 'case'], workload: ['its', 'workload'] }
  const core = { key: 'a/core', url: 'file:///a/core' }
  const repeats = deduplicationIn(inState('dedupe'), config())
  const own = { id: ID, time: new Date(), core }
  await repeats.deduplicate(groups, own)
  const [name = ''] = readdirSync(inState('dedupe'))
  const file = left(`dedupe/${name}`, LINES)
  await assert.rejects(repeats.deduplicate(groups, { ...own, id: 'ba9876543210' }), {
    message: `"${file}" is ${LEFT_ALONE}`,
  })
  await assert.rejects(repeats.withdraw(groups, own, ['dedupe', 'perWorkload']), /left alone/)
  assertStays(file, LINES, false)
})

it('a group that is known in another version stays, and its crashes are not counted', async () => {
  const seen = new SeenFolder(inState('seen'))
  const owner = { tenant: ['pod', 'shop'], workload: ['pod', 'shop', 'Pod', 'web'] }
  const count = () => seen.count(owner, { group: 'v2:0011223344556677' }, { id: ID, time: new Date() })
  await count()
  const [name = ''] = readdirSync(inState('seen'), { recursive: true, encoding: 'utf8' }).filter(found =>
    found.includes('/'),
  )
  const file = left(`seen/${name}`, LINES)
  assert.equal(await count(), null)
  await removeQuietGroups(inState('seen'), { now: new Date(Date.now() + 1000), log })
  assertStays(file, LINES)
})

it('an Event of another version is not posted, and stays', async () => {
  const file = left(`events/${Date.now()}-${'a'.repeat(16)}.json`)
  const outbox = new EventOutbox(inState('events'), log)
  for (let round = 0; round < 3; round += 1)
    assert.equal(await outbox.deliver(() => assert.fail('it is posted')), true)
  await outbox.tidy()
  assertStays(file)
})

it('original settings of another version are not replaced, and stay when the node is put back', async t => {
  const node = scratchNode(temporaryFolder(t))
  await saveOriginal(node, BEFORE)
  const file = node.host.path('/var/lib/coredog/original-sysctls.json')
  writeFileSync(file, NEXT)
  assert.deepEqual(await readOriginal(node), { is: 'of another version' })
  await saveOriginal(node, BEFORE)
  await removeFolders(node)
  assert.equal(readFileSync(file, 'utf8'), NEXT)
})

it('a removal of another version is not taken for one that is over', async () => {
  const file = left('removal.json')
  await assert.rejects(
    finishRemoval(
      { list: () => assert.fail('it lists'), remove: async () => assert.fail('it removes') },
      file,
    ),
    /left alone/,
  )
  assertStays(file, NEXT, false)
})

it('a spooled crash of another version is no remains', async () => {
  const file = left(`spool/${ID}/record.json`)
  await removeSpoolRemains(inState('spool'), { now: new Date(), log })
  assertStays(file, NEXT, false)
})

it('what was dealt with, in another version, is not written over', async () => {
  const file = left('taken.json')
  const taken = await Ledger.read(file, log)
  taken.add('a file', 'stored')
  await taken.keep()
  assertStays(file)
})

it('attempts of another version are not written over', async () => {
  const file = left('attempts', `{"version":2}\n${JSON.stringify({ id: 'x', failures: 3, dueMs: 1 })}\n`)
  const attempts = await Attempts.read(file, log)
  await attempts.begin('a file', Date.now())
  await attempts.end()
  assertStays(file, `{"version":2}\n${JSON.stringify({ id: 'x', failures: 3, dueMs: 1 })}\n`)
})

it('what was handed over in another version is as good as not there, and the log says so', async t => {
  const run = temporaryFolder(t)
  const file = path.join(run, 'node.json')
  writeFileSync(file, JSON.stringify({ version: 2, name: 'node-1' }), { mode: 0o600 })
  writeFileSync(
    path.join(run, 'heartbeat.json'),
    JSON.stringify({ version: 2, time: 'x', uninstallAfterSeconds: 1 }),
  )
  assert.equal(readHandoff(run, log).node(), null)
  assert.equal(await readHeartbeat(run), null)
  assert.deepEqual(
    lines.map(({ msg, file }) => [msg, file]),
    [[LEFT_ALONE, file]],
  )
})
