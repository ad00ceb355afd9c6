import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChannelConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { channelTarget, targetsOf } from '../../notify/target.ts'
import { lostNotice, REPORT, sampleNotice } from './sample-notice.ts'

const CHANNEL: ChannelConfig = {
  kind: 'slack',
  webhookUrl: 'https://hooks.example/services/T/B/secret',
  keyword: '',
  secret: null,
}
const STORED = sampleNotice({ report: { ...REPORT, core: { key: 'corefiles/prod/web-0/core.gz' } } })

function configured(more = '') {
  return parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel: [{chan: slack, webhookurl: "${CHANNEL.webhookUrl}"}]
${more}`).config
}
const SCRIPT = 'CustomHandler: {enabled: true, script: "true"'
const SIGHT = 'CoreSight: {enabled: true, apiUrl: "http://coresight:8000"}'
const slack = channelTarget(CHANNEL)

it('targetsOf() names the script, the channels, and CoreSight, in this order', () => {
  assert.deepEqual(targetsOf(configured(`${SCRIPT}}\n${SIGHT}`), STORED), [
    'customHandler',
    slack,
    'coreSight',
  ])
})

it('targetsOf() names only what is enabled', () => {
  assert.deepEqual(targetsOf(configured(), STORED), [slack])
})

it('targetsOf() obeys skipDefaultNotify and skipCoreSight', () => {
  const skips = `${SCRIPT}, skipDefaultNotify: true, skipCoreSight: true}\n${SIGHT}`
  assert.deepEqual(targetsOf(configured(skips), STORED), ['customHandler'])
})

it('targetsOf() names the channels for a lost core: there is no script that would tell of it', () => {
  const skips = `${SCRIPT}, skipDefaultNotify: true, skipCoreSight: true}\n${SIGHT}`
  assert.deepEqual(targetsOf(configured(skips), lostNotice()), [slack])
})

it('channelTarget() shows nothing of the address, and does not change with the secret', () => {
  assert.match(slack, /^channel:[0-9a-f]{32}$/)
  assert.equal(channelTarget({ ...CHANNEL, secret: 'corrected' }), slack)
})

it('channelTarget() tells channels of one address by their keyword', () => {
  assert.notEqual(channelTarget({ ...CHANNEL, keyword: '/prod/' }), slack)
  assert.notEqual(channelTarget({ ...CHANNEL, kind: 'feishu' }), slack)
})
