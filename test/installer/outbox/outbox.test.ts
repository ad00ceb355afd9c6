import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { deliverOutbox } from '../../../installer/outbox/outbox.ts'
import { targetsOf } from '../../../notify/routing.ts'
import { anySignal } from '../../../time/any-signal.ts'
import { type FakeChat, startFakeChat } from '../../fakes/fake-chat.ts'
import { startFakeReceiver } from '../../fakes/fake-receiver.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'

const STORED = sampleNotification({
  report: { ...REPORT, core: { ...REPORT.core, key: 'corefiles/prod/web-0/core.gz' } },
})
const FOLDER = 'corefiles/prod/web-0/app/20261121T042117Z-worker-3-4242-3f2a9c01d4e5'
const commanded = { ...REPORT, core: { ...REPORT.core, key: `${FOLDER}/core.gz` } }

let notification = STORED

let root = ''
let chat: FakeChat
let host: Host
let outbox: OutboxFolder
let lines: LogLine[]
/** Called when the chat is asked, before it answers. */
let onAsked: () => void

beforeEach(async () => {
  notification = STORED
  root = await mkdtemp(path.join(tmpdir(), 'coredog-deliver-'))
  host = new Host(root)
  outbox = new OutboxFolder(host.path('/var/lib/coredog/outbox'))
  onAsked = () => undefined
  chat = await startFakeChat({ onRequest: () => onAsked() })
})
afterEach(async () => {
  await chat.close()
  await rm(root, { recursive: true, force: true })
})

function configured(more = '') {
  return parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel:
  - {chan: slack, webhookurl: "${chat.url('slack')}"}
  - {chan: feishu, webhookurl: "${chat.url('feishu')}", keyword: /prod/}
${more}`).config
}

/** Delivers until nothing more is to be done at once: an attempt was counted for each target. */
async function deliver(
  config = configured(),
  env: Record<string, string> = {},
  stop = new AbortController(),
): Promise<string[]> {
  const pending = targetsOf(config, notification)
  await outbox.add({
    notice: notification,
    pending,
    notBefore: null,
    attempts: 0,
    firstAt: new Date().toISOString(),
  })
  const opened = openLogLines()
  lines = opened.lines
  const counted: string[] = []
  const countDelivery = (kind: string, outcome: string) => {
    counted.push(`${kind} ${outcome}`)
    if (counted.length === pending.length) setImmediate(() => stop.abort())
  }
  const metrics = { countDelivery, setOutbox: () => undefined }
  const bound = anySignal([stop.signal, AbortSignal.timeout(120_000)])
  await deliverOutbox({ config, host, env, metrics, log: opened.log }, bound)
  return counted
}

it('deliverOutbox() tells the channels, and leaves nothing', async () => {
  assert.deepEqual(await deliver(), ['channel ok', 'channel ok'])
  assert.deepEqual(new Set(chat.messages.map(({ kind }) => kind)), new Set(['slack', 'feishu']))
  assert.deepEqual(await outbox.ids(), [])
  assert.deepEqual(
    lines.map(({ msg, to }) => [msg, to]),
    [
      ['delivered', 'slack#1'],
      ['delivered', 'feishu#2'],
    ],
  )
})

it('deliverOutbox() keeps what a chat did not take for now, and asks it once', async () => {
  chat.failNext({ status: 503 })
  assert.deepEqual(await deliver(), ['channel retry', 'channel ok'])
  const entry = await outbox.read(REPORT.id)
  assert.ok(entry !== null && typeof entry !== 'string')
  assert.deepEqual([entry.pending.length, entry.attempts], [1, 1])
  assert.equal(chat.requests, 2)
})

it('deliverOutbox() lets a chat answer that was asked when it is stopped, and asks no other one', async () => {
  const stop = new AbortController()
  onAsked = () => stop.abort()
  assert.deepEqual(await deliver(configured(), {}, stop), ['channel ok'])
  const entry = await outbox.read(REPORT.id)
  assert.ok(entry !== null && typeof entry !== 'string')
  assert.deepEqual([entry.pending.length, chat.requests], [1, 1])
})

it('deliverOutbox() tells receivers after the chats, with the link, and keeps what one did not take', async () => {
  const receiver = await startFakeReceiver()
  receiver.react((response, { url }) => response.writeHead(url === '/away' ? 503 : 204).end())
  const urls = ['here', 'away'].map(name => `{url: "${receiver.origin}/${name}"}`)
  const config = configured(
    `destinations: {webhook: [${urls.join()}], alertmanager: {urls: ["${receiver.origin}"]}}`,
  )
  const told = ['channel ok', 'channel ok', 'webhook ok', 'webhook retry', 'alertmanager ok']
  assert.deepEqual(await deliver(config), told)
  await receiver.close()
  assert.deepEqual(
    receiver.received.map(({ url }) => url),
    ['/here', '/away', '/api/v2/alerts'],
  )
  const { data } = JSON.parse(receiver.received[0]?.body ?? '')
  assert.deepEqual([data.outcome, data.links.core], ['stored', STORED.link])
  const entry = await outbox.read(REPORT.id)
  assert.ok(entry !== null && typeof entry !== 'string')
  assert.deepEqual(
    entry.pending.map(target => target.split(':')[0]),
    ['webhook'],
  )
  assert.equal(lines.find(({ msg }) => msg === 'delivery failed')?.to, 'webhook#2')
})

it('deliverOutbox() runs the script, and tells what is enabled in the words of the original', async () => {
  const script = `CustomHandler: {enabled: true, script: 'echo "$POD_NAME" > "${root}/seen"', skipDefaultNotify: true}`
  const config = configured(`${script}\nCoreSight: {enabled: true}`)
  const env = { CORESIGHT_API_URL: 'http://user:pass@127.0.0.1:1/ingest' }
  assert.deepEqual(await deliver(config, env), ['customHandler ok', 'coreSight ok'])
  assert.equal(await readFile(path.join(root, 'seen'), 'utf8'), 'web-0\n')
  assert.deepEqual(
    lines.slice(0, 2).map(({ msg }) => msg),
    [
      'CustomHandler enabled: skipDefaultNotify=true, skipCoreSight=false',
      'CoreSight integration enabled: http://127.0.0.1:1/ingest',
    ],
  )
  assert.equal(chat.requests, 0)
})

it('deliverOutbox() drops CoreSight when nobody gave an address', async () => {
  assert.deepEqual(await deliver(configured('CoreSight: {enabled: true}')), [
    'channel ok',
    'channel ok',
    'coreSight failed',
  ])
  assert.equal(lines[0]?.msg, 'CoreSight API URL is not configured, event reporting disabled')
})

for (const { how, script } of [
  { how: 'command', script: 'https:' },
  { how: 'none', script: 's3:' },
]) {
  it(`deliverOutbox() gives chats no link by downloadLink: ${how}, and the script ${script}`, async () => {
    notification = { ...notification, report: commanded }
    const written = `CustomHandler: {enabled: true, script: 'echo "$COREDUMP_URL" > "${root}/seen"'}`
    await deliver(configured(`${written}\ndownloadLink: ${how}`))
    assert.match(await readFile(path.join(root, 'seen'), 'utf8'), new RegExp(`^${script}`))
    const told = JSON.stringify(chat.messages)
    const has = (text: string) => told.includes(text)
    assert.deepEqual([has('X-Amz'), has('kubectl coredog debug')], [false, how === 'command'])
  })
}
