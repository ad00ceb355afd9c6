import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { REASON_CODES } from '../../crash/why/reason-code.ts'
import { Host } from '../../handoff/host.ts'
import { chats } from '../../installer/outbox/chat.ts'
import { ChatLimiters } from '../../installer/outbox/chat-rates.ts'
import { Network } from '../../network/network.ts'
import { withDetail } from '../../notify/detail.ts'
import type { Notification } from '../../notify/notification.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { startFakeChat } from '../fakes/fake-chat.ts'
import { openLogLines } from '../installer/log-lines.ts'
import { FULL_TEMPLATE, REPORT, sampleNotification } from './sample-notification.ts'

const WORDS = 'card 4111 1111'
const NAME = 'Vault::unlock'
const CALL = 'Vault.unlocked'

const SPOKEN: Notification = sampleNotification({
  report: {
    ...REPORT,
    signal: { number: 6, name: 'SIGABRT', faultAddress: '0x34313131' },
    crash: {
      ...REPORT.crash,
      reason: `uncaught C++ exception std::runtime_error: ${WORDS}`,
      reasonCode: 'exception',
      abortMessage: WORDS,
      lastWords: [WORDS],
      frames: [{ function: NAME, module: '/app/server', own: true }],
      interpreterFrames: [{ function: CALL, file: '/app/vault.py', line: 12, own: true }],
      // Of a release to come.
      ...{ laterWords: WORDS },
    },
  },
})

const TOLD = [
  { detail: 'full', told: [WORDS, NAME, CALL], untold: [] },
  { detail: 'frames', told: [NAME, CALL], untold: [WORDS] },
  { detail: 'names', told: [], untold: [WORDS, NAME, CALL, '0x34313131', '0x401149', '0x1149'] },
] as const

for (const { detail, told, untold } of TOLD) {
  const { config } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nnotify: {detail: ${detail}}`,
  )

  for (const messageTemplate of [null, FULL_TEMPLATE]) {
    const own = messageTemplate === null ? 'ours' : 'a template'

    it(`notify.detail: ${detail} holds for each chat, with ${own}`, async () => {
      const chat = await startFakeChat()
      const kinds = ['feishu', 'wechat', 'slack', 'dingtalk'] as const
      const channels = kinds.map(kind => ({ kind, webhookUrl: chat.url(kind), keyword: '', secret: null }))
      await openNotifier({ ...config.notice, channels, messageTemplate }).tell(SPOKEN)
      await chat.close()
      assert.equal(chat.messages.length, kinds.length)
      for (const { text } of chat.messages) {
        for (const words of untold) assert.ok(!text.includes(words), `${words} in ${text}`)
        for (const words of messageTemplate === null ? told : []) assert.ok(text.includes(words), text)
        assert.match(text, /SIGABRT/)
        assert.match(text, /web/)
      }
    })
  }

  it(`notify.detail: ${detail} holds for many crashes in one message`, async () => {
    const chat = await startFakeChat()
    const channels = [{ kind: 'slack', webhookUrl: chat.url('slack'), keyword: '', secret: null }] as const
    const reach = {
      config: { ...config, notice: { ...config.notice, channels } },
      limiters: new ChatLimiters(),
      network: new Network(config.network),
      host: new Host('/'),
      env: {},
      log: openLogLines().log,
    }
    await chats(reach)[0]?.together?.deliver([SPOKEN, SPOKEN], AbortSignal.timeout(60_000))
    await chat.close()
    const [message] = chat.messages
    assert.match(message?.text ?? '', /2 × SIGABRT/)
    for (const words of untold) assert.ok(!message?.text.includes(words), `${words} in ${message?.text}`)
  })
}

it('withDetail() leaves out the frames of an interpreter with the stack', () => {
  const interpreterFrames = [{ function: 'charge', file: '/app/shop.py', line: 12 }]
  const notification = sampleNotification({ report: { ...REPORT, crash: { interpreterFrames } } })
  const crashes = (['full', 'frames', 'names'] as const).map(it => withDetail(notification, it).report.crash)
  assert.deepEqual(crashes, [{ interpreterFrames }, { interpreterFrames }, {}])
})

it('withDetail() has words of its own for each reason but `other`', () => {
  const without = REASON_CODES.filter(reasonCode => {
    const notification = sampleNotification({ report: { ...REPORT, crash: { reasonCode, reason: WORDS } } })
    return withDetail(notification, 'names').report.crash?.reason === undefined
  })
  assert.deepEqual(without, ['other'])
})

it('withDetail() leaves no line of a log where the program may not be quoted', () => {
  const logged = { ...SPOKEN, lastLines: [WORDS] }
  assert.deepEqual(withDetail(logged).lastLines, [WORDS])
  for (const detail of ['frames', 'names'] as const)
    assert.equal(withDetail(logged, detail).lastLines, undefined)
})
