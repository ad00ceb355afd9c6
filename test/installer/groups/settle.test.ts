import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { newEntry, type OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { settleEntries } from '../../../installer/groups/settle-entries.ts'
import { isUnsettled } from '../../../installer/outbox/unsettled.ts'
import type { Notification } from '../../../notify/notification.ts'
import type { Target } from '../../../notify/target.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { TimedStore } from '../../groups/timed-store.ts'
import { sampleNotification } from '../../notify/sample-notification.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const GROUP = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const SIGNAL = new AbortController().signal
const CHAT: Target = `channel:${'0'.repeat(32)}`
const WEBHOOK: Target = `webhook:${'0'.repeat(32)}`
const NOTICE = sampleNotification({ group: GROUP })
const { id } = NOTICE.report
const ANOTHER = { id: 'ba9876543210', node: 'node-2', time: NOW, crashes: 1 }

const SETTLING = {
  node: 'node-1',
  isCounted: () => true,
  isSomebodyThere: async () => true,
  now: () => NOW,
  log: pino({ level: 'silent' }),
}

interface World {
  readonly isCounted?: boolean
  readonly isSomebodyThere?: boolean
  readonly ageSeconds?: number
  readonly targets?: readonly Target[]
  readonly notice?: Notification
}

async function settling(
  t: TestContext,
  world: World,
  before?: (group: CrashGroup, store: TimedStore) => Promise<unknown>,
) {
  const {
    isCounted = true,
    isSomebodyThere = true,
    ageSeconds = 0,
    targets = ['customHandler', CHAT],
    notice = NOTICE,
  } = world
  const store = new TimedStore(NOW)
  const outbox = new OutboxFolder(temporaryFolder(t))
  await outbox.add(newEntry(notice, targets, new Date(NOW.getTime() - ageSeconds * 1000), null))
  await before?.(new CrashGroup(store, GROUP), store)
  await settleEntries(outbox, {
    ...SETTLING,
    store,
    isCounted: () => isCounted,
    isSomebodyThere: async () => isSomebodyThere,
  })
  const entry = await outbox.read(id)
  if (typeof entry === 'string') assert.fail(entry)
  return { store, pending: entry?.pending ?? [], isOpen: entry !== null && isUnsettled(entry, NOW) }
}

const told = (group: CrashGroup) => group.claim(0, ANOTHER, SIGNAL)

describe('settleEntries()', () => {
  it('has the first crash of a group told by its node', async t => {
    const { store, pending, isOpen } = await settling(t, {})
    assert.deepEqual([pending, isOpen], [['customHandler', CHAT], false])
    assert.equal((await new CrashGroup(store, GROUP).told(0, SIGNAL))?.id, id)
  })

  it('has it told by its node also where that claimed it and was killed', async t => {
    const { pending, isOpen } = await settling(t, {}, group => group.claim(0, { ...ANOTHER, id }, SIGNAL))
    assert.deepEqual([pending, isOpen], [['customHandler', CHAT], false])
  })

  it('leaves a later one to the notifier of the cluster, and its script to its node', async t => {
    const { pending, isOpen } = await settling(t, {}, told)
    assert.deepEqual([pending, isOpen], [['customHandler'], false])
    assert.deepEqual((await settling(t, { targets: [CHAT] }, told)).pending, [])
  })

  it('has receivers told by its node of a core that is kept, and of a count by one for all', async t => {
    const targets = [CHAT, WEBHOOK]
    assert.deepEqual((await settling(t, { targets }, told)).pending, [WEBHOOK])
    const counted = sampleNotification({ group: GROUP, outcome: 'suppressed' })
    assert.deepEqual((await settling(t, { targets, notice: counted }, told)).pending, [])
    const alone = { targets, notice: counted, isSomebodyThere: false }
    assert.deepEqual((await settling(t, alone, told)).pending, targets)
  })

  it('has its node tell where nobody tells for all', async t => {
    const { pending } = await settling(t, { isSomebodyThere: false }, told)
    assert.deepEqual(pending, ['customHandler', CHAT])
  })

  it('waits until the crash is counted, and not for ever', async t => {
    const { isOpen } = await settling(t, { isCounted: false }, told)
    assert.equal(isOpen, true)
    const { pending, isOpen: isStillOpen } = await settling(t, { isCounted: false, ageSeconds: 61 }, told)
    assert.deepEqual([pending, isStillOpen], [['customHandler', CHAT], false])
  })

  it('gets to what waits behind hundreds that wait for a destination that is away', async () => {
    const store = new TimedStore(NOW)
    const { group: _, ...alone } = NOTICE
    const others = Array.from({ length: 300 }, (_, at) => at.toString(16).padStart(12, '0'))
    const entries = new Map(
      others.map(other => [
        other,
        newEntry({ ...alone, report: { ...alone.report, id: other } }, [WEBHOOK], NOW, null),
      ]),
    )
    entries.set(id, newEntry(NOTICE, [CHAT], NOW, null))
    const outbox = {
      ids: async () => [...entries.keys()],
      read: async (id: string) => entries.get(id) ?? null,
      write: async (entry: OutboxEntry) => void entries.set(entry.notice.report.id, entry),
    }
    const settled = new Set<string>()
    await settleEntries(outbox, { ...SETTLING, store }, settled)
    assert.equal(entries.get(id)?.notice.group, undefined)
    assert.equal(settled.size, 300)
  })

  it('has nobody tell of a group that is muted', async t => {
    const until = new Date(NOW.getTime() + 1000)
    const mute = (group: CrashGroup) => group.mute({ until })
    assert.deepEqual((await settling(t, { isSomebodyThere: false }, mute)).pending, ['customHandler'])
    const both = (group: CrashGroup) => Promise.all([told(group), mute(group)])
    assert.deepEqual((await settling(t, { isSomebodyThere: false }, both)).pending, ['customHandler'])
  })

  it('has its node tell where the store does not answer', async t => {
    const { pending, isOpen } = await settling(t, {}, async (_, store) => {
      store.failure = new Error('503')
    })
    assert.deepEqual([pending, isOpen], [['customHandler', CHAT], false])
  })

  it('has a crash without a core wait for a store that does not answer, a quarter of an hour at most', async t => {
    const notice = { ...NOTICE, outcome: 'suppressed' } as const
    const away = async (_: CrashGroup, store: TimedStore) => {
      store.failure = new Error('503')
    }
    assert.equal((await settling(t, { notice, ageSeconds: 899 }, away)).isOpen, true)
    assert.equal((await settling(t, { notice, ageSeconds: 900 }, away)).isOpen, false)
  })
})

it('isUnsettled() ends, so that people are told whatever goes wrong', () => {
  const entry = newEntry(NOTICE, [CHAT], NOW, null)
  const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
  assert.deepEqual([isUnsettled(entry, later(179)), isUnsettled(entry, later(180))], [true, false])
  const { group: _, ...alone } = NOTICE
  assert.equal(isUnsettled(newEntry(alone, [CHAT], NOW, null), NOW), false)
})
