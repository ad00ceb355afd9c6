import assert from 'node:assert/strict'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { burstAmong } from '../../../installer/outbox/burst.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import type { DestinationOf } from '../../../installer/outbox/destination.ts'
import { deliverOutbox } from '../../../installer/outbox/outbox.ts'
import type { Notification } from '../../../notify/notification.ts'
import { targetsOf } from '../../../notify/routing.ts'
import type { Target } from '../../../notify/target.ts'
import { OK } from '../../../notify/verdict.ts'
import { anySignal } from '../../../time/any-signal.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { startFakeChat } from '../../fakes/fake-chat.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const CHAT: Target = `channel:${'0a'.repeat(16)}`
const PAY: Target = `channel:${'0b'.repeat(16)}`

function idOf(number: number): string {
  return number.toString(16).padStart(12, '0')
}

function notificationOf(number: number, overrides: Partial<Notification> = {}): Notification {
  const core = { ...REPORT.core, key: `corefiles/prod/web-0/${number}/core.gz` }
  return sampleNotification({ report: { ...REPORT, id: idOf(number), core }, ...overrides })
}

/** `count` entries that are a minute old, the first one the oldest. */
function waiting(count: number, overrides: Partial<OutboxEntry> = {}): OutboxEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    notice: notificationOf(at),
    pending: [CHAT],
    notBefore: null,
    attempts: 0,
    firstAt: new Date(NOW.getTime() - 60_000 + at * 100).toISOString(),
    ...overrides,
  }))
}

const together = { hears: () => true, deliver: async () => OK }
const destinationOf: DestinationOf = target => {
  if (target === 'coreSight' || target === 'customHandler')
    return { target, name: target, kind: target, deliver: async () => OK }
  const hears = ({ corefilePath }: Notification) => corefilePath.includes('/pay/')
  const how = target === PAY ? { ...together, hears } : together
  return { target, name: target, kind: 'channel', deliver: async () => OK, together: how }
}

function shown(entries: readonly OutboxEntry[]) {
  const { held, ripe } = burstAmong(entries, destinationOf, NOW)
  return { held: [...held], ripe: [...ripe].map(([target, found]) => [target, found.length]) }
}

it('stormAmong() holds nobody for five crashes, and for six who hears of many', () => {
  assert.deepEqual(shown(waiting(5)), { held: [], ripe: [] })
  assert.deepEqual(shown(waiting(6, { pending: [CHAT, 'coreSight'] })), { held: [CHAT], ripe: [[CHAT, 6]] })
})

it('stormAmong() counts for a channel what it hears of', () => {
  const pay = waiting(7, {
    pending: [CHAT, PAY],
    notice: notificationOf(1, { corefilePath: '/corefile/pay/x' }),
  })
  const other = waiting(6, { pending: [CHAT, PAY] })
  assert.deepEqual(shown([...pay.slice(0, 5), ...other]), { held: [CHAT], ripe: [[CHAT, 11]] })
  assert.deepEqual(shown(pay), {
    held: [CHAT, PAY],
    ripe: [
      [CHAT, 7],
      [PAY, 7],
    ],
  })
})

it('stormAmong() lets the script come first', () => {
  const scripts = waiting(4, { pending: ['customHandler', CHAT] })
  assert.deepEqual(shown([...scripts, ...waiting(3)]), { held: [CHAT], ripe: [[CHAT, 3]] })
  assert.deepEqual(shown(waiting(7, { pending: ['customHandler', CHAT] })), { held: [CHAT], ripe: [] })
})

it('stormAmong() leaves out what is given up', () => {
  const old = waiting(3, { firstAt: '2026-11-13T00:00:00Z' })
  assert.deepEqual(shown([...old, ...waiting(5)]), { held: [], ripe: [] })
})

it('stormAmong() waits with new ones for the oldest: as long as it rests, its chat is away', () => {
  const [oldest, ...newer] = waiting(7)
  const resting = { ...(oldest as OutboxEntry), attempts: 1, notBefore: '2026-11-21T06:00:01Z' }
  assert.deepEqual(shown([...newer, resting]), { held: [CHAT], ripe: [] })
})

it('stormAmong() does not wait for a clock that was set back', () => {
  assert.deepEqual(shown(waiting(6, { firstAt: '2027-01-01T00:00:00Z' })), {
    held: [CHAT],
    ripe: [[CHAT, 6]],
  })
})

/** Delivers `notifications` by two bots, the second for /pay/ only, until the outbox is empty. */
async function deliverAll(t: TestContext, notifications: readonly Notification[]) {
  const host = new Host(temporaryFolder(t))
  const outbox = new OutboxFolder(host.path('/var/lib/coredog/outbox'))
  const chat = await startFakeChat()
  t.after(() => chat.close())
  const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: ${path.join(host.root, 'mnt')}}
NoticeChannel:
  - {chan: wechat, webhookurl: "${chat.url('wechat')}"}
  - {chan: slack, webhookurl: "${chat.url('slack')}", keyword: /pay/}`)
  const firstAt = new Date(Date.now() - 60_000).toISOString()
  for (const notification of notifications)
    await outbox.add({
      notice: notification,
      pending: targetsOf(config, notification),
      notBefore: null,
      attempts: 0,
      firstAt,
    })
  const ending = new AbortController()
  const limiters = new ChatLimiters()
  const counted: string[] = []
  const metrics = {
    countDelivery: (kind: string, outcome: string) => void counted.push(`${kind} ${outcome}`),
    setOutbox: ({ entries }: { entries: number }) => (entries === 0 ? ending.abort() : undefined),
  }
  const { log, lines } = openLogLines()
  const bound = anySignal([ending.signal, AbortSignal.timeout(120_000)])
  await deliverOutbox({ config, limiters, host, env: {}, metrics, log }, bound)
  return { messages: chat.messages, counted, lines, left: await outbox.ids() }
}

it('deliverOutbox() makes one message of two hundred crashes, and leaves none untold', async t => {
  const notifications = Array.from({ length: 200 }, (_, number) => notificationOf(number))
  const { messages, counted, lines, left } = await deliverAll(t, notifications)
  assert.deepEqual(left, [])
  assert.deepEqual(
    messages.map(({ kind }) => kind),
    ['wechat'],
  )
  assert.match(
    messages[0]?.text ?? '',
    /CoreDog: 200 crashes of 1 workload on node-7.*200 × SIGSEGV at 0x401149 \(server\).*prod\/web-0/s,
  )
  assert.equal(counted[0], 'channel ok')
  const told = lines.find(({ crashes }) => Array.isArray(crashes))
  assert.deepEqual([told?.msg, told?.to], ['delivered', 'wechat#1'])
  assert.deepEqual(new Set(told?.crashes as string[]), new Set(notifications.map(({ report }) => report.id)))
})

it('deliverOutbox() tells a channel in a storm only of what it is for', async t => {
  const pay = notificationOf(500, { corefilePath: '/corefile/pay/x/app/core' })
  const notifications = [pay, ...Array.from({ length: 8 }, (_, number) => notificationOf(number))]
  const { messages } = await deliverAll(t, notifications)
  const texts = Object.fromEntries(messages.map(({ kind, text }) => [kind, text]))
  assert.equal(messages.length, 2)
  assert.match(texts.wechat ?? '', /CoreDog: 9 crashes/)
  assert.match(texts.slack ?? '', new RegExp(`crash ${idOf(500)}`))
})
