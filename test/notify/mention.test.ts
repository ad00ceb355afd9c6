import assert from 'node:assert/strict'
import { it } from 'node:test'
import { batchNote } from '../../notify/batch-note.ts'
import { isCalling } from '../../notify/mention.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { type FakeChat, startFakeChat } from '../fakes/fake-chat.ts'
import { lostNotification, REPORT, sampleNotification } from './sample-notification.ts'

const SUPPRESSED = sampleNotification({ outcome: 'suppressed' })

async function withChat(test: (chat: FakeChat, oncall: ReturnType<typeof openNotifier>) => Promise<void>) {
  const chat = await startFakeChat()
  const channel = { kind: 'slack', webhookUrl: chat.url('slack'), keyword: '', secret: null } as const
  const channels = [{ ...channel, mentions: ['S012AB3CD'] }, channel]
  try {
    await test(chat, openNotifier({ channels, messageTemplate: null, messageLabels: {} }))
  } finally {
    await chat.close()
  }
}

function called(chat: FakeChat): number {
  return chat.messages.filter(({ text }) => text.includes('<!subteam^S012AB3CD>')).length
}

it('a new crash and a lost core call those of the channel that names them', async () => {
  await withChat(async (chat, notifier) => {
    for (const notification of [
      sampleNotification(),
      sampleNotification({ outcome: 'incomplete' }),
      lostNotification(),
    ])
      await notifier.tell(notification)
    assert.deepEqual([chat.messages.length, called(chat)], [6, 3])
  })
})

it('of a bug that is known the first crash calls, the tenth, and the hundredth', () => {
  const calling = (count: number, suppressed = 0) =>
    isCalling(sampleNotification({ report: { ...REPORT, seen: { count }, suppressed } }))
  const counts = Array.from({ length: 1000 }, (_, at) => at + 1)
  assert.deepEqual(
    counts.filter(count => calling(count)),
    [1, 10, 100, 1000],
  )
  assert.deepEqual(
    [calling(14, 3), calling(14, 4), calling(14, 5), calling(99, 80)],
    [false, true, true, false],
  )
  assert.ok(isCalling(sampleNotification()))
  assert.ok(isCalling(lostNotification({ report: { ...REPORT, seen: { count: 7 } } })))
})

it('crashes that were counted call nobody', async () => {
  await withChat(async (chat, notifier) => {
    await notifier.tell(SUPPRESSED)
    await notifier.say(() => batchNote([SUPPRESSED, SUPPRESSED]))
    assert.deepEqual([chat.messages.length, called(chat)], [4, 0])
  })
})

it('many crashes call once, if one of them would have called; a note about CoreDog itself does not', async () => {
  await withChat(async (chat, notifier) => {
    await notifier.say(() => batchNote([SUPPRESSED, sampleNotification(), lostNotification()]))
    assert.equal(called(chat), 1)
    await notifier.say(() => ({ tone: 'orange', title: 'CoreDog', lines: ['A pod could not be read'] }))
    assert.equal(called(chat), 1)
  })
})
