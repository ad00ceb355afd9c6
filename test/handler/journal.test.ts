import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import type { Claim } from '../../groups/claim-first.ts'
import { journalled } from '../../handler/journal.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import type { Delivery, Notification } from '../../notify/notification.ts'
import { channelTarget } from '../../notify/target.ts'
import { REPORT, sampleNotification } from '../notify/sample-notification.ts'

const NOW = new Date('2026-11-21T04:21:17Z')
const CHANNELS =
  'NoticeChannel: [{chan: slack, webhookurl: "https://a.example/1"}, {chan: feishu, webhookurl: "https://b.example/2"}]'
const SCRIPT = 'CustomHandler: {enabled: true, script: "true", skipDefaultNotify: true}'
const SENT: Delivery = { channel: 'slack#1', outcome: 'sent' }
const FOR_NOW: Delivery = { channel: 'feishu#2', outcome: 'failed', reason: 'HTTP 503', retryAfterSeconds: 0 }
const FOR_GOOD: Delivery = { channel: 'feishu#2', outcome: 'failed', reason: 'no such bot' }
const notification = sampleNotification({ report: { ...REPORT, core: { key: 'corefiles/x/core.gz' } } })
const { id } = notification.report

let root = ''
let outbox: OutboxFolder

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-journal-'))
  outbox = new OutboxFolder(path.join(root, 'outbox'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Tells, and gives what the outbox held meanwhile and afterwards. */
async function tell(
  yaml: string,
  deliveries: readonly Delivery[],
  meanwhile = () => Promise.resolve(),
  isBurst = async () => false,
  {
    claim = async () => assert.fail('nobody else tells of it'),
    ...change
  }: Partial<Notification> & { readonly claim?: () => Promise<Claim | null> } = {},
) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`)
  let heard: Notification | null = null
  let during: Awaited<ReturnType<OutboxFolder['read']>> | 'not asked' = 'not asked'
  const inner = {
    tell: async (told: Notification) => {
      heard = told
      during = await outbox.read(id).catch(() => null)
      await meanwhile()
      return deliveries
    },
  }
  const notifier = journalled(inner, { config, outbox, isBurst, claim, now: () => NOW, log })
  let noted = false
  const told = await notifier.tell({ ...notification, ...change }, async () => {
    noted = true
  })
  const [slack, feishu] = config.notice.channels.map(channelTarget)
  return {
    during: during as OutboxEntry | null | 'not asked',
    heard: heard as Notification | null,
    told,
    noted,
    slack,
    feishu,
    lines,
  }
}

it('journalled() has everybody in the outbox before it tells, and keeps the installer off meanwhile', async () => {
  const { during, slack, feishu, told } = await tell(CHANNELS, [SENT, SENT])
  assert.deepEqual(during, {
    notice: notification,
    pending: [slack, feishu],
    notBefore: '2026-11-21T04:22:47.000Z',
    attempts: 0,
    firstAt: '2026-11-21T04:21:17.000Z',
  })
  assert.deepEqual(told, [SENT, SENT])
  assert.equal(await outbox.read(id), null)
})

it('journalled() says that all is noted when it is on the disk, and before it tells', async () => {
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${CHANNELS}`)
  const order: string[] = []
  const inner = {
    tell: async () => {
      order.push('told')
      return [SENT, SENT]
    },
  }
  const notifier = journalled(inner, {
    config,
    outbox,
    isBurst: async () => false,
    claim: async () => null,
    now: () => NOW,
    log: pino({ enabled: false }),
  })
  await notifier.tell(notification, async () => void order.push(`noted ${await outbox.ids()}`))
  assert.deepEqual(order, [`noted ${id}`, 'told'])
})

it('journalled() does not say that all is noted where it cannot be', async () => {
  await writeFile(path.join(root, 'outbox'), 'no folder')
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${CHANNELS}`)
  const inner = { tell: async () => [SENT, SENT] }
  const notifier = journalled(inner, {
    config,
    outbox,
    isBurst: async () => false,
    claim: async () => null,
    now: () => NOW,
    log: pino({ enabled: false }),
  })
  assert.deepEqual(await notifier.tell(notification, async () => assert.fail('it was noted')), [SENT, SENT])
})

it('journalled() leaves a channel that failed for now, due at once', async () => {
  const { during, feishu } = await tell(CHANNELS, [SENT, FOR_NOW])
  assert.deepEqual(await outbox.read(id), {
    ...(during as OutboxEntry),
    pending: [feishu],
    notBefore: null,
  })
})

it('journalled() leaves out a channel that failed for good', async () => {
  await tell(CHANNELS, [SENT, FOR_GOOD])
  assert.deepEqual(await outbox.ids(), [])
})

it('journalled() leaves to the installer what is told by it alone, and tells no channel for skipDefaultNotify', async () => {
  const { during, noted } = await tell(`${CHANNELS}\n${SCRIPT}`, [])
  assert.deepEqual([during, noted], ['not asked', true])
  const entry = (await outbox.read(id)) as OutboxEntry
  assert.deepEqual([entry.pending, entry.notBefore], [['customHandler'], null])
})

it('journalled() writes no entry where there is nobody to tell', async () => {
  const { during } = await tell('', [])
  assert.deepEqual([during, await outbox.ids()], ['not asked', []])
})

it('journalled() tells all the same when it cannot write', async () => {
  await writeFile(path.join(root, 'outbox'), 'not a folder')
  const { told, lines } = await tell(CHANNELS, [SENT, FOR_NOW])
  assert.deepEqual(told, [SENT, FOR_NOW])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['notice not journalled'],
  )
})

it('journalled() tells no channel for skipDefaultNotify when it cannot write, either', async () => {
  await writeFile(path.join(root, 'outbox'), 'not a folder')
  const { during, told } = await tell(`${CHANNELS}\n${SCRIPT}`, [SENT, SENT])
  assert.deepEqual([during, told], ['not asked', []])
})

it('journalled() does not bring back an entry that the installer took over', async () => {
  await tell(CHANNELS, [SENT, FOR_NOW], () => outbox.remove(id))
  assert.deepEqual(await outbox.ids(), [])
})

it('journalled() leaves everybody to the installer in a burst, due at once', async () => {
  const burst = await tell(CHANNELS, [SENT, SENT], undefined, async () => true)
  const { during, told, noted, slack, feishu } = burst
  assert.deepEqual([during, noted], ['not asked', true])
  assert.deepEqual(
    told.map(({ channel, outcome }) => [channel, outcome]),
    [
      ['slack#1', 'skipped'],
      ['feishu#2', 'skipped'],
    ],
  )
  const entry = (await outbox.read(id)) as OutboxEntry
  assert.deepEqual([entry.pending, entry.notBefore, entry.attempts], [[slack, feishu], null, 0])
})

it('journalled() tells in a burst, too, when it cannot leave it to the installer', async () => {
  await writeFile(path.join(root, 'outbox'), 'not a folder')
  const { told } = await tell(CHANNELS, [SENT, SENT], undefined, async () => true)
  assert.deepEqual(told, [SENT, SENT])
})

const GROUP = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`

it('journalled() tells of the first crash of its group, with what all nodes have counted before', async () => {
  const first = new Date('2026-11-20T04:00:00Z')
  const summary = { crashes: 35, nodes: 3, pods: 4, first, last: NOW, images: [] }
  const { heard, during } = await tell(CHANNELS, [SENT, SENT], undefined, undefined, {
    group: GROUP,
    claim: async () => ({ told: 'first', summary }),
    report: { ...notification.report, seen: { count: 1, first: NOW.toISOString() } },
  })
  assert.deepEqual(heard?.report.seen, { count: 36, nodes: 4, first: first.toISOString() })
  // If we are killed, the installer need not find out again whose it is to tell.
  assert.equal(typeof during === 'object' && during?.notice.group, undefined)
})

for (const told of ['another', 'muted'] as const)
  it(`journalled() leaves to the installer a crash of a group of which people know (${told})`, async () => {
    const { during, told: deliveries } = await tell(CHANNELS, [], undefined, undefined, {
      group: GROUP,
      claim: async () => ({ told }),
    })
    assert.deepEqual(
      [during, deliveries.map(({ outcome }) => outcome)],
      ['not asked', ['skipped', 'skipped']],
    )
    const entry = (await outbox.read(id)) as OutboxEntry
    assert.deepEqual([entry.notice.group, entry.notBefore, entry.pending.length], [GROUP, null, 2])
  })

it('journalled() tells where it cannot be found out who else does', async () => {
  const { heard } = await tell(CHANNELS, [SENT, SENT], undefined, undefined, {
    group: GROUP,
    claim: async () => null,
  })
  assert.deepEqual([heard?.report.id, heard?.group], [id, undefined])
})
