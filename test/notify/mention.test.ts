import assert from 'node:assert/strict'
import { it } from 'node:test'
import { batchNote } from '../../notify/batch-note.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { type FakeChat, startFakeChat } from '../fakes/fake-chat.ts'
import { lostNotification, sampleNotification } from './sample-notification.ts'

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

it('crashes that were counted call nobody', async () => {
  await withChat(async (chat, notifier) => {
    await notifier.tell(SUPPRESSED)
    await notifier.say(batchNote([SUPPRESSED, SUPPRESSED]))
    assert.deepEqual([chat.messages.length, called(chat)], [4, 0])
  })
})

it('many crashes call once, if one of them would have called; a note about CoreDog itself does not', async () => {
  await withChat(async (chat, notifier) => {
    await notifier.say(batchNote([SUPPRESSED, sampleNotification(), lostNotification()]))
    assert.equal(called(chat), 1)
    await notifier.say({ tone: 'orange', title: 'CoreDog', lines: ['A pod could not be read'] })
    assert.equal(called(chat), 1)
  })
})
