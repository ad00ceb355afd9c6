import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { newEntry } from '../../../handoff/outbox-entry.ts'
import { chats } from '../../../installer/outbox/chat.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import { Network } from '../../../network/network.ts'
import { startFakeChat } from '../../fakes/fake-chat.ts'
import { sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}')

/** A chat whose turns are ours after each of `seconds`. */
async function chatAfter(t: TestContext, ...seconds: readonly number[]) {
  const fake = await startFakeChat()
  t.after(() => fake.close())
  const channels = [{ kind: 'slack', webhookUrl: fake.url('slack'), keyword: '', secret: null }] as const
  const left = [...seconds]
  const [chat] = chats({
    config: { ...config, notice: { ...config.notice, channels } },
    limiters: new ChatLimiters(),
    turns: { secondsTo: async () => left.shift() ?? 0 },
    network: new Network(config.network),
    host: new Host('/'),
    env: {},
    log: openLogLines().log,
  })
  return { fake, chat: chat ?? assert.fail() }
}

it('a chat is not told while it is the turn of other nodes, of one crash or of many', async t => {
  const { fake, chat } = await chatAfter(t, 600, 300)
  const { signal } = new AbortController()
  const one = await chat.deliver(newEntry(sampleNotification(), [], new Date(), null), signal)
  const many = await chat.together?.deliver([sampleNotification()], signal)
  assert.deepEqual(
    [one, many].map(verdict => verdict?.kind === 'retry' && verdict.afterSeconds),
    [600, 300],
  )
  assert.equal(fake.messages.length, 0)
})

it('a turn that comes at once is waited for', async t => {
  const { fake, chat } = await chatAfter(t, 0.001)
  const entry = newEntry(sampleNotification(), [], new Date(), null)
  assert.deepEqual(await chat.deliver(entry, new AbortController().signal), { kind: 'ok' })
  assert.equal(fake.messages.length, 1)
})
