import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CHANNEL_KINDS, type ChannelKind } from '../../config/chats.ts'
import type { ChannelConfig, NoticeConfig } from '../../config/config.ts'
import { handoffLookup } from '../../network/handoff-lookup.ts'
import type { Speaker } from '../../notify/note.ts'
import type { Notifier } from '../../notify/notification.ts'
import { type NotifierOptions, openNotifier } from '../../notify/open-notifier.ts'
import { type FakeChat, type FakeChatOptions, startFakeChat, TOKEN } from '../fakes/fake-chat.ts'
import { lostNotification, sampleNotification } from './sample-notification.ts'

const KINDS = CHANNEL_KINDS
const SECRET = 'SEC-of-the-bot'

let chat: FakeChat
let waits: number[]

beforeEach(async () => {
  chat = await startFakeChat()
  waits = []
})
afterEach(() => chat.close())

/** A chat of another kind than {@link chat}, in its place: closed by afterEach too. */
async function useChat(options: FakeChatOptions): Promise<void> {
  await chat.close()
  chat = await startFakeChat(options)
}

function channel(kind: ChannelKind, overrides: Partial<ChannelConfig> = {}): ChannelConfig {
  return { kind, webhookUrl: chat.url(kind), keyword: '', secret: null, ...overrides }
}

/** A notifier that notes its waits instead of waiting. */
function notifier(channels: readonly ChannelConfig[], overrides: NotifierOptions = {}): Notifier & Speaker {
  const config: NoticeConfig = { channels, messageTemplate: null, messageLabels: {} }
  return openNotifier(config, {
    connectMilliseconds: 60_000,
    requestMilliseconds: 60_000,
    retryMilliseconds: [1_000, 4_000],
    longestWaitMilliseconds: 10_000,
    totalMilliseconds: 60_000,
    wait: async milliseconds => waits.push(milliseconds),
    now: () => new Date(),
    ...overrides,
  })
}

it('tell() tells all channels', async () => {
  const deliveries = await notifier(KINDS.map(kind => channel(kind))).tell(sampleNotification())
  assert.deepEqual(deliveries, [
    { channel: 'feishu#1', outcome: 'sent' },
    { channel: 'wechat#2', outcome: 'sent' },
    { channel: 'slack#3', outcome: 'sent' },
    { channel: 'dingtalk#4', outcome: 'sent' },
    { channel: 'teams#5', outcome: 'sent' },
    { channel: 'telegram#6', outcome: 'sent' },
    { channel: 'discord#7', outcome: 'sent' },
  ])
  assert.deepEqual(new Set(chat.messages.map(({ kind }) => kind)), new Set(KINDS))
  for (const { text } of chat.messages) assert.match(text, /SIGSEGV in prod\/web \(app\)/)
})

it('say() tells all channels, whatever their keyword, and keeps what came from outside on its line', async () => {
  const channels = KINDS.map(kind => channel(kind, { keyword: 'never' }))
  const note = { tone: 'blue', title: 'A title', lines: ['one\nline', 'another one'] } as const
  const deliveries = await notifier(channels).say(() => note)
  assert.deepEqual(new Set(deliveries.map(({ outcome }) => outcome)), new Set(['sent']))
  for (const { text } of chat.messages) assert.match(text, /A title.*one\\nline.*another one/s)
  assert.equal(chat.messages.length, KINDS.length)
})

it('tell() and say() speak the language of each channel', async () => {
  const channels = [channel('slack', { language: 'zh' }), channel('wechat')]
  await notifier(channels).tell(sampleNotification())
  await notifier(channels).say(language => ({ tone: 'blue', title: `in ${language}`, lines: [] }))
  const saying = (words: string) =>
    chat.messages.filter(({ text }) => text.includes(words)).map(({ kind }) => kind)
  assert.deepEqual(saying('SIGSEGV 崩溃：prod/web'), ['slack'])
  assert.deepEqual(saying('SIGSEGV in prod/web'), ['wechat'])
  assert.deepEqual([saying('in zh'), saying('in en')], [['slack'], ['wechat']])
})

it('tell() finds a chat of the cluster by its handed-over address', async () => {
  const lookup = handoffLookup(async () => ({ 'chat.tools.svc': ['127.0.0.1'] }))
  const webhookUrl = chat.url('slack').replace('127.0.0.1', 'chat.tools.svc')
  const deliveries = await notifier([channel('slack', { webhookUrl })], { lookup }).tell(sampleNotification())
  assert.deepEqual(deliveries, [{ channel: 'slack#1', outcome: 'sent' }])
  assert.equal(chat.messages.length, 1)
})

it('tell() signs where there is a secret', async () => {
  await useChat({ secrets: { feishu: SECRET, dingtalk: SECRET } })
  const channels = [channel('feishu', { secret: SECRET }), channel('dingtalk', { secret: SECRET })]
  const deliveries = await notifier(channels).tell(sampleNotification())
  assert.deepEqual(
    deliveries.map(({ outcome }) => outcome),
    ['sent', 'sent'],
  )
})

it('tell() names a wrong secret and a wrong clock', async () => {
  await useChat({ secrets: { feishu: SECRET, dingtalk: SECRET } })
  const channels = [channel('feishu', { secret: 'SEC-of-another' }), channel('dingtalk', { secret: SECRET })]
  const deliveries = await notifier(channels, { now: () => new Date(0) }).tell(sampleNotification())
  assert.match(deliveries[0]?.hint ?? '', /secret.*clock/)
  assert.match(deliveries[1]?.hint ?? '', /clock/)
})

it('tell() skips a channel whose keyword is not in the path of the core', async () => {
  const channels = [channel('wechat', { keyword: 'production' }), channel('wechat', { keyword: '/prod/' })]
  assert.deepEqual(await notifier(channels).tell(sampleNotification()), [
    {
      channel: 'wechat#1',
      outcome: 'skipped',
      reason: 'the path of the core does not contain the keyword "production"',
    },
    { channel: 'wechat#2', outcome: 'sent' },
  ])
  assert.equal(chat.messages.length, 1)
})

it('tell() does nothing when there is no channel', async () => {
  assert.deepEqual(await notifier([]).tell(sampleNotification()), [])
})

it('tell() tells the other channels when one fails', async () => {
  const channels = [channel('slack', { webhookUrl: 'http://127.0.0.1:1/x' }), channel('wechat')]
  const deliveries = await notifier(channels).tell(lostNotification())
  assert.deepEqual(
    deliveries.map(({ outcome }) => outcome),
    ['failed', 'sent'],
  )
  assert.match(chat.messages[0]?.text ?? '', /, core lost/)
})

describe('tell() tries again', () => {
  it('after a failure of the chat service', async () => {
    chat.failNext({ status: 500, body: 'rollup_error' }, 'reset')
    assert.deepEqual(await notifier([channel('slack')]).tell(sampleNotification()), [
      { channel: 'slack#1', outcome: 'sent' },
    ])
    assert.deepEqual(waits, [1_000, 4_000])
    assert.equal(chat.messages.length, 1)
  })

  it('after the code of a busy chat with HTTP 200', async () => {
    chat.failNext({ status: 200, body: { errcode: -1, errmsg: 'system busy' } })
    assert.equal((await notifier([channel('wechat')]).tell(sampleNotification()))[0]?.outcome, 'sent')
    assert.deepEqual(waits, [1_000])
  })

  it('no sooner than Retry-After says', async () => {
    chat.failNext({ status: 429, headers: { 'retry-after': '7' } })
    assert.equal((await notifier([channel('slack')]).tell(sampleNotification()))[0]?.outcome, 'sent')
    assert.deepEqual(waits, [7_000])
  })

  it('not when Retry-After asks for too long a wait', async () => {
    chat.failNext({ status: 429, headers: { 'retry-after': '60' } })
    const [delivery] = await notifier([channel('slack')]).tell(sampleNotification())
    assert.match(delivery?.reason ?? '', /too many messages/)
    assert.equal(delivery?.retryAfterSeconds, 60)
    assert.deepEqual([waits, chat.requests], [[], 1])
  })

  it('not when only an operator can help', async () => {
    chat.failNext({ status: 200, body: { code: 19001, msg: 'param invalid' } })
    const [delivery] = await notifier([channel('feishu')]).tell(sampleNotification())
    assert.deepEqual(delivery, {
      channel: 'feishu#1',
      outcome: 'failed',
      reason: 'Feishu does not know this bot (code 19001: param invalid)',
      hint: 'Copy webhookurl again from the settings of the bot; it changes when the bot is removed and added.',
    })
    assert.equal(chat.requests, 1)
  })

  it('as often as there are waits, and then gives up', async () => {
    chat.failNext({ status: 500 }, { status: 502 }, { status: 503 })
    const [delivery] = await notifier([channel('slack')]).tell(sampleNotification())
    assert.match(delivery?.reason ?? '', /HTTP 503/)
    assert.equal(chat.requests, 3)
  })

  it('not after it is told to end, and says that the same may go well later', async () => {
    const ending = new AbortController()
    chat.failNext({ status: 500 })
    const wait = async () => ending.abort()
    const [delivery] = await notifier([channel('slack')], { signal: ending.signal, wait }).tell(
      sampleNotification(),
    )
    assert.deepEqual([delivery?.outcome, delivery?.retryAfterSeconds, chat.requests], ['failed', 0, 1])
  })

  it('not after the deadline', async () => {
    chat.failNext({ status: 500 })
    const wait = (_: number, deadline: AbortSignal) =>
      new Promise((_, reject) => deadline.addEventListener('abort', () => reject(deadline.reason)))
    const [delivery] = await notifier([channel('slack')], { totalMilliseconds: 300, wait }).tell(
      sampleNotification(),
    )
    assert.match(delivery?.reason ?? '', /HTTP 500/)
    assert.equal(chat.requests, 1)
  })
})

describe('tell() sends plain text', () => {
  it('when the chat refuses the card', async () => {
    chat.failNext({ status: 200, body: { code: 11246, msg: 'card content is invalid' } })
    assert.equal((await notifier([channel('feishu')]).tell(sampleNotification()))[0]?.outcome, 'sent')
    assert.equal(chat.messages[0]?.body.msg_type, 'text')
  })

  it('once, and fails when that is refused too', async () => {
    chat.failNext({ status: 400, body: 'invalid_blocks' }, { status: 400, body: 'no_text' })
    const [delivery] = await notifier([channel('slack')]).tell(sampleNotification())
    assert.match(delivery?.reason ?? '', /malformed.*no_text/)
    assert.equal(chat.requests, 2)
  })
})

/** Says it in time, without the address. */
const failures = [
  {
    name: 'an answer in HTML',
    failure: { status: 200, body: '<html>' },
    reason: /not one that this chat gives/,
  },
  {
    name: 'an endless answer',
    failure: 'endless',
    reason: /not one that this chat gives/,
  },
  { name: 'a redirect', failure: { status: 302, headers: { location: '/elsewhere' } }, reason: /redirects/ },
  { name: 'a wrong address', failure: { status: 404, body: 'no such bot' }, reason: /HTTP 404/ },
  { name: 'a chat that hangs', failure: 'hang', reason: /no answer in time/ },
  { name: 'a connection that breaks off', failure: 'reset', reason: /broke off/ },
] as const
for (const { name, failure, reason } of failures) {
  for (const kind of KINDS) {
    it(`tell() fails with a reason on ${name}, on ${kind}`, { timeout: 120_000 }, async () => {
      chat.failNext(failure)
      const patience = {
        requestMilliseconds: failure === 'hang' ? 200 : 60_000,
        totalMilliseconds: 60_000,
        retryMilliseconds: [],
      }
      const [delivery] = await notifier([channel(kind)], patience).tell(sampleNotification())
      assert.equal(delivery?.outcome, 'failed')
      assert.match(delivery?.reason ?? '', reason)
      assert.match(delivery?.hint ?? '', /^[A-Z].*\.$/)
    })
  }
}

it('tell() ends at the deadline when a chat hangs for longer', { timeout: 120_000 }, async () => {
  chat.failNext('hang', 'hang', 'hang')
  const patience = { totalMilliseconds: 300, requestMilliseconds: 60_000 }
  const [delivery] = await notifier([channel('feishu')], patience).tell(sampleNotification())
  assert.match(delivery?.reason ?? '', /no answer in time/)
  assert.equal(chat.requests, 1)
})

it('tell() reads no more than the first 64 KiB of an answer', async () => {
  chat.failNext({ status: 200, body: ' '.repeat(100_000) + JSON.stringify({ errcode: 0 }) })
  const [delivery] = await notifier([channel('wechat')]).tell(sampleNotification())
  assert.equal(delivery?.outcome, 'failed')
})

it('tell() fails with a reason when the connection is refused', async () => {
  const port = await closedPort()
  const webhookUrl = `http://127.0.0.1:${port}/hook/${TOKEN}`
  const [delivery] = await notifier([channel('slack', { webhookUrl })]).tell(sampleNotification())
  assert.equal(delivery?.reason, 'the connection was refused')
  assert.deepEqual(waits, [1_000, 4_000])
})

const addresses = [
  { name: 'no address', webhookUrl: `${TOKEN}` },
  { name: 'an address without a host', webhookUrl: `http:///${TOKEN}` },
  { name: 'another protocol', webhookUrl: `ftp://127.0.0.1/${TOKEN}` },
  { name: 'an unknown host', webhookUrl: `http://${TOKEN}.invalid/${TOKEN}` },
  { name: 'a port out of range', webhookUrl: `http://127.0.0.1:99999/${TOKEN}` },
  { name: 'a line break', webhookUrl: `http://127.0.0.1:1/\r\n${TOKEN}` },
]
for (const kind of KINDS) {
  for (const { name, webhookUrl } of addresses) {
    it(`tell() does not reject, nor tell the token, for ${name} on ${kind}`, async () => {
      const [delivery] = await notifier([channel(kind, { webhookUrl, secret: SECRET })], {
        retryMilliseconds: [],
      }).tell(sampleNotification())
      assert.equal(delivery?.outcome, 'failed')
      assertNoSecret(delivery)
    })
  }

  it(`tell() does not tell address, token or secret when ${kind} quotes them`, async () => {
    const url = new URL(chat.url(kind))
    const said = `bad ${url.href} ${url.pathname}${url.search} ${TOKEN} ${encodeURIComponent(url.href)} ${SECRET}`
    chat.failNext({ status: 200, body: { code: 1, errcode: 1, msg: said, errmsg: said } })
    const [delivery] = await notifier([channel(kind, { secret: SECRET })]).tell(sampleNotification())
    assert.equal(delivery?.outcome, 'failed')
    assertNoSecret(delivery)
  })

  it(`tell() tells no part of a token where what ${kind} said is cut`, async () => {
    for (const before of [180, 190, 280, 290]) {
      const said = `${'x'.repeat(before)}${TOKEN}`
      const error = { code: 'AuthorizationFailed', message: said }
      const words = { msg: said, errmsg: said, message: said, description: said }
      chat.failNext({ status: 200, body: { ok: false, code: 1, errcode: 1, ...words, error } })
      const [delivery] = await notifier([channel(kind)]).tell(sampleNotification())
      assert.equal(delivery?.outcome, 'failed')
      assert.equal(JSON.stringify(delivery).includes(TOKEN.slice(0, 8)), false)
    }
  })
}

function assertNoSecret(value: unknown): void {
  const text = JSON.stringify(value)
  assert.ok(!text.includes(TOKEN) && !text.includes(SECRET), text)
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 1
}
