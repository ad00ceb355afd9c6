import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChannelConfig } from '../../config/config.ts'
import { redact } from '../../notify/redact.ts'

const CHANNEL: ChannelConfig = {
  kind: 'wechat',
  webhookUrl: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx',
  keyword: '',
  secret: 'SEC/of+the=bot',
}

const texts = [
  { name: 'the address', text: `at ${CHANNEL.webhookUrl}: no`, shown: 'at ***: no' },
  { name: 'the token', text: 'key 693a91f6-7xxx is wrong', shown: 'key *** is wrong' },
  { name: 'the secret', text: 'SEC/of+the=bot', shown: '***' },
  { name: 'the secret as a query has it', text: 'SEC%2Fof%2Bthe%3Dbot', shown: '***' },
  {
    name: 'nothing else',
    text: 'invalid webhook url, cannot send',
    shown: 'invalid webhook url, cannot send',
  },
]
for (const { name, text, shown } of texts) {
  it(`redact() takes out ${name}`, () => assert.equal(redact(text, CHANNEL), shown))
}

it('redact() takes out every part of a path that may be a token', () => {
  const channel = { ...CHANNEL, webhookUrl: 'https://hooks.slack.com/services/T0000/B0000/abcdefgh' }
  assert.equal(redact('services T0000, B0000, abcdefgh', channel), 'services ***, ***, ***')
})

it('redact() takes out an address that is none', () => {
  assert.equal(redact('no: my token', { ...CHANNEL, webhookUrl: 'my token' }), 'no: ***')
})
