import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChannelConfig } from '../../config/config.ts'
import { RECEIVER_KINDS } from '../../config/receivers/all.ts'
import {
  channelTarget,
  isBeforeChannels,
  isChannel,
  isReceiver,
  isTarget,
  receiverTarget,
} from '../../notify/target.ts'

const CHANNEL: ChannelConfig = {
  kind: 'slack',
  webhookUrl: 'https://hooks.example/services/T/B/secret',
  keyword: '',
  secret: null,
}
const slack = channelTarget(CHANNEL)

it('channelTarget() shows nothing of the address, and does not change with the secret', () => {
  assert.match(slack, /^channel:[0-9a-f]{32}$/)
  assert.equal(channelTarget({ ...CHANNEL, secret: 'corrected' }), slack)
})

it('channelTarget() tells channels of one address by their keyword', () => {
  assert.notEqual(channelTarget({ ...CHANNEL, keyword: '/prod/' }), slack)
  assert.notEqual(channelTarget({ ...CHANNEL, kind: 'feishu' }), slack)
})

it('channelTarget() names a channel as entries on nodes have it', () => {
  assert.equal(slack, 'channel:4c80cc87e900575d242604f473516c62')
})

it('isTarget() knows all that an outbox may name, and nothing else', () => {
  const receivers = RECEIVER_KINDS.map(kind => receiverTarget({ kind, url: 'https://told.example/x' }))
  assert.ok([slack, 'customHandler', 'coreSight', ...receivers].every(isTarget))
  assert.ok(receivers.every(isReceiver) && !isReceiver(slack) && !isReceiver('coreSight'))
  for (const other of ['channel', 'channel:', `${slack}0`, `${slack}\n`, 'coreSight:1', '', null, 7])
    assert.equal(isTarget(other), false, String(other))
})

it('isTarget() lets pass what a later release names, so that others are told all the same', () => {
  assert.ok(isTarget(`pager:${'0a'.repeat(16)}`))
})

it('receiverTarget() shows nothing of the address, and tells two of a kind apart', () => {
  const [one, other] = ['https://told.example/1', 'https://told.example/2'].map(url =>
    receiverTarget({ kind: 'webhook', url }),
  )
  assert.match(one ?? '', /^webhook:[0-9a-f]{32}$/)
  assert.notEqual(one, other)
})

it('isChannel() and isBeforeChannels() tell the channels from the script, which is told first', () => {
  assert.deepEqual([slack, 'customHandler' as const, 'coreSight' as const].map(isChannel), [
    true,
    false,
    false,
  ])
  assert.equal(isBeforeChannels([slack, 'customHandler']), true)
  assert.equal(isBeforeChannels([slack, 'coreSight']), false)
})
