import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusalOf, startFakeChat } from './fake-chat.ts'

async function post(url: string, body: unknown): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: await response.text() }
}

it('startFakeChat() keeps what a chat takes, and refuses the rest as that chat does', async () => {
  const chat = await startFakeChat()
  try {
    const text = { msgtype: 'text', text: { content: 'hello' } }
    assert.deepEqual(await post(chat.url('wechat'), text), {
      status: 200,
      body: '{"errcode":0,"errmsg":"ok"}',
    })
    assert.match((await post(chat.url('wechat'), { msgtype: 'card' })).body, /40008/)
    assert.equal((await post(`${chat.url('wechat')}x`, text)).status, 404)
    assert.deepEqual(chat.messages, [{ kind: 'wechat', body: text, text: 'text\nhello' }])
    assert.equal(chat.requests, 3)
  } finally {
    await chat.close()
  }
})

it('startFakeChat() refuses what is not signed, and what lacks the keyword', async () => {
  const chat = await startFakeChat({
    secrets: { feishu: 's', dingtalk: 's' },
    keywords: { slack: 'x', dingtalk: 'x' },
  })
  try {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const text = { msg_type: 'text', content: { text: 'hello' } }
    assert.match((await post(chat.url('feishu'), text)).body, /19021/)
    assert.match((await post(chat.url('feishu'), { ...text, timestamp, sign: 'no' })).body, /19021/)
    assert.match((await post(chat.url('dingtalk'), {})).body, /invalid timestamp/)
    const late = `${chat.url('dingtalk')}&timestamp=${Date.now()}&sign=no`
    assert.match((await post(late, {})).body, /sign not match/)
  } finally {
    await chat.close()
  }
})

const refused = [
  {
    name: 'a body over 20 KB',
    kind: 'feishu',
    body: { msg_type: 'text', content: { text: 'x'.repeat(20_000) } },
  },
  { name: 'an unknown type', kind: 'feishu', body: { msg_type: 'card' } },
  { name: 'a card without elements', kind: 'feishu', body: feishuCard([]) },
  {
    name: 'an element that is none of card 1.0',
    kind: 'feishu',
    body: feishuCard([{ tag: 'markdown', content: 'x' }]),
  },
  {
    name: 'an empty text',
    kind: 'feishu',
    body: feishuCard([{ tag: 'div', text: { tag: 'lark_md', content: '' } }]),
  },
  {
    name: '4097 bytes',
    kind: 'wechat',
    body: { msgtype: 'markdown', markdown: { content: `x${'崩'.repeat(1366)}` } },
  },
  { name: 'no text', kind: 'slack', body: {} },
  { name: 'an empty section', kind: 'slack', body: { text: 'x', blocks: [{ type: 'section', fields: [] }] } },
  {
    name: 'eleven fields',
    kind: 'slack',
    body: { text: 'x', blocks: [{ type: 'section', fields: Array(11).fill({ type: 'mrkdwn', text: 'x' }) }] },
  },
  {
    name: 'a long header',
    kind: 'slack',
    body: { text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
  },
  {
    name: 'a card without a link',
    kind: 'dingtalk',
    body: { msgtype: 'actionCard', actionCard: { title: 'x', text: 'x' } },
  },
] as const
for (const { name, kind, body } of refused) {
  it(`refusalOf() refuses ${name} as ${kind} does`, () => assert.notEqual(refusalOf(kind, body), null))
}

function feishuCard(elements: readonly object[]) {
  return {
    msg_type: 'interactive',
    card: { header: { title: { tag: 'plain_text', content: 'x' } }, elements },
  }
}
