import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import { Attempts } from '../../fallback/attempts.ts'
import { Ledger } from '../../fallback/ledger.ts'
import { readHandoff } from '../../handler/handoff/handoff.ts'
import { readHeartbeat } from '../../handoff/heartbeat.ts'
import { Host } from '../../handoff/host.ts'
import { decodeOriginalSysctls } from '../../handoff/original-sysctls.ts'
import { readRefusal } from '../../installer/supply/refusal.ts'
import { EventOutbox } from '../../installer/telemetry/event-outbox.ts'
import { finishRemoval } from '../../installer/upkeep/removal.ts'
import { channelTarget } from '../../notify/target.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { startFakeChat } from '../fakes/fake-chat.ts'
import { CORE, configOf, crash, HANDOFF, HEARTBEAT, leaveOnNode, POD, SYSCTLS } from './leave-on-node.ts'
import { THIS } from './release.ts'

const BEFORE = path.join(import.meta.dirname, '../fixtures/node-of-0d7b037')
const LIMIT = { timeout: 120_000 }

/** A program of the release before, to be started or imported. */
function programBefore(test: TestContext, name: string): string {
  const folder = temporaryFolder(test)
  symlinkSync(path.join(THIS.root, 'node_modules'), path.join(folder, 'node_modules'))
  const file = path.join(folder, `${name}.mjs`)
  writeFileSync(file, gunzipSync(readFileSync(path.join(BEFORE, `${name}.mjs.gz`))))
  return file
}

/** A node as the release before has left it. */
function nodeBefore(test: TestContext): string {
  return copyOf(path.join(BEFORE, 'node'), test)
}

/** For root alone, as git does not keep it. */
function copyOf(node: string, test: TestContext): string {
  const folder = temporaryFolder(test)
  for (const name of ['run', 'state'])
    cpSync(path.join(node, name), path.join(folder, name), { recursive: true })
  for (const name of ['store', 'log']) mkdirSync(path.join(folder, name))
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chmodSync(path.join(folder, name), 0o700)
  return folder
}

/** A node as today's programs leave it. */
function nodeNow(test: TestContext): string {
  return copyOf(left, test)
}

let left: string

before(async () => {
  left = mkdtempSync(path.join(tmpdir(), 'coredog-'))
  await leaveOnNode(THIS, left)
})

after(() => rmSync(left, { recursive: true, force: true }))

type Line = { readonly level: number; readonly msg: string; readonly report?: { readonly id?: string } }

function logOf(folder: string, name: string): readonly Line[] {
  const lines = readFileSync(path.join(folder, 'log', name), 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line))
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
}

const WAITING = ['begun', 'spool', 'outbox', 'dedupe']
/** A group that is told of when its time is over; what only counts stays until it is old. */
const TOLD_LATER = /\.(?:suppressed\.json|closing)$/

function waitingIn(state: string): readonly string[] {
  const files = WAITING.flatMap(name => filesIn(path.join(state, name)))
  return files.filter(file => !file.includes('/dedupe/') || TOLD_LATER.test(file))
}

/**
 * Starts the installer's part `program` until nothing waits on the node any more, and looks at what became of
 * it all.
 */
async function assertFinishes(test: TestContext, program: string, folder: string): Promise<void> {
  const chat = await startFakeChat()
  test.after(() => chat.close())
  const config = configOf(folder, { NoticeChannel: [{ chan: 'slack', webhookurl: chat.url('slack') }] })
  const configFile = path.join(folder, 'installer.yaml')
  writeFileSync(configFile, config)
  addressTo(folder, config)
  const ids = idsIn(folder)
  const child = spawn(process.execPath, [program, configFile, path.join(folder, 'log/installer.log')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {},
  })
  test.after(() => child.kill('SIGKILL'))
  const state = path.join(folder, 'state')
  while (waitingIn(state).length > 0) {
    assert.equal(child.exitCode, null)
    await pause(20)
  }
  child.kill('SIGTERM')
  await once(child, 'exit')
  assertStored(path.join(folder, 'store'), ids)
  assert.ok(chat.messages.length > 0)
  const odd = logOf(folder, 'installer.log').filter(({ level }) => level >= 40)
  assert.deepEqual(
    odd.map(({ msg }) => msg),
    ['handler was killed'],
  )
}

/** The outbox knows a chat by a digest of its address, which is another one in each test. */
function addressTo(folder: string, config: string): void {
  const recorded = targetOf(configOf(folder))
  const [file = assert.fail('the outbox is empty')] = filesIn(path.join(folder, 'state/outbox'))
  const text = readFileSync(file, 'utf8')
  assert.ok(text.includes(recorded), 'a chat has the digest that it had')
  writeFileSync(file, text.replace(recorded, targetOf(config)))
}

function targetOf(config: string): string {
  const [channel = assert.fail('no channel')] = parseConfig(config).config.notice.channels
  return channelTarget(channel)
}

/** Of the crash in the spool, and of the one whose handler was killed. */
function idsIn(folder: string): { readonly spooled: string; readonly begun: string } {
  const [spooled = '', begun = ''] = ['spool', 'begun'].map(
    name => readdirSync(path.join(folder, 'state', name))[0],
  )
  return { spooled, begun: path.basename(begun, '.json') }
}

function assertStored(store: string, { spooled, begun }: { spooled: string; begun: string }): void {
  const files = filesIn(store)
  const of = (id: string, name: string) =>
    readFileSync(
      files.find(file => file.endsWith(`-${id}/${name}`)) ?? assert.fail(`${name} of ${id} is missing`),
    )
  assert.deepEqual(gunzipSync(of(spooled, 'core.gz')), CORE)
  assert.equal(JSON.parse(of(spooled, 'report.json').toString()).core.complete, true)
  assert.match(JSON.parse(of(begun, 'report.json').toString()).core.incompleteReason, /handler was killed/)
}

/** Starts the handler `program` on one more crash of the case that is there. */
async function assertCounts(program: string, folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'log/handler.log'), '')
  await crash(program, folder, configOf(folder, { limits: { perWorkload: 1 } }))
  const lines = logOf(folder, 'handler.log')
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [[30, 'crash suppressed']],
  )
  const report = JSON.parse(JSON.stringify(lines[0]?.report))
  assert.deepEqual([report.node.name, report.node.cluster], ['node-1', 'prod'])
  assert.match(report.core.kept.key, /core\.gz$/)
}

// biome-ignore lint/suspicious/noExplicitAny: of any release.
type Readers = any

const NOW: Readers = {
  decodeOriginalSysctls,
  readHandedOver: readHandoff,
  readHeartbeat,
  EventOutbox,
  Attempts,
  Taken: Ledger,
  readRefusal,
  finishRemoval,
  Host,
}

async function assertReads(readers: Readers, folder: string): Promise<void> {
  const [run, state] = [path.join(folder, 'run'), path.join(folder, 'state')]
  const handoff = readers.readHandedOver(run)
  const { node, addresses, credentials } = HANDOFF
  assert.deepEqual([handoff.node(), handoff.pods(), handoff.addresses()], [node, [POD], addresses])
  assert.deepEqual(handoff.credentials(), credentials)
  assert.deepEqual(await readers.readHeartbeat(run), HEARTBEAT)
  const places = { host: new readers.Host('/'), places: { runFolder: run } }
  assert.deepEqual(await readers.readRefusal(places), { reason: 'it is wrong', hint: 'Mend it.' })
  const original = readFileSync(path.join(state, 'original-sysctls.json'), 'utf8')
  assert.deepEqual(readers.decodeOriginalSysctls(original), SYSCTLS)
  await assertReadsOfInstaller(readers, state)
}

async function assertReadsOfInstaller(readers: Readers, state: string): Promise<void> {
  const log = pino({ enabled: false })
  const posted: unknown[] = []
  makeNew(path.join(state, 'events'))
  await new readers.EventOutbox(path.join(state, 'events'), log).deliver(
    async ({ note }: { note: string }) => {
      posted.push(note)
      return 'settled'
    },
  )
  assert.deepEqual(posted, ['what to do'])
  const removed: string[] = []
  const store = {
    async *list() {
      yield* []
    },
    remove: async (key: string) => void removed.push(path.basename(key)),
  }
  const journal = path.join(state, 'removal.json')
  // By now it is in the store.
  const begun = existsSync(journal) ? ['core.gz', 'report.json'] : []
  await readers.finishRemoval(store, journal)
  assert.deepEqual(removed, begun)
  const taken = await readers.Taken.read(path.join(state, 'taken.json'), log)
  assert.deepEqual([taken.get('a file'), taken.get('version')], ['stored', undefined])
  const attempts = await readers.Attempts.read(path.join(state, 'attempts.jsonl'), log)
  assert.equal(attempts.get('a file', 0).failures, 1)
}

/** An Event that waits has a day's time. */
function makeNew(events: string): void {
  const [name = ''] = readdirSync(events)
  renameSync(path.join(events, name), path.join(events, name.replace(/^\d+/, `${Date.now()}`)))
}

it('an installer finishes what a handler of the release before left', LIMIT, async t => {
  await assertFinishes(t, path.join(import.meta.dirname, 'installer-part.ts'), nodeBefore(t))
})

it('an installer of the release before finishes what a handler left', LIMIT, async t => {
  await assertFinishes(t, programBefore(t, 'installer'), nodeNow(t))
})

it('a handler goes by what an installer and a handler of the release before left', LIMIT, async t => {
  await assertCounts(path.join(THIS.root, THIS.handler), nodeBefore(t))
})

it('a handler of the release before goes by what an installer and a handler left', LIMIT, async t => {
  await assertCounts(programBefore(t, 'handler'), nodeNow(t))
})

it('what the release before wrote is read as it was meant', async t => {
  await assertReads(NOW, nodeBefore(t))
})

it('the release before reads what is written as it is meant', async t => {
  await assertReads(await import(programBefore(t, 'readers')), nodeNow(t))
})
