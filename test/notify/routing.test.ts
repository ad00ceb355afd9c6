import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChannelConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { targetsOf, wantsMd5 } from '../../notify/routing.ts'
import { channelTarget } from '../../notify/target.ts'
import { lostNotification, REPORT, sampleNotification } from './sample-notification.ts'

const CHANNEL: ChannelConfig = {
  kind: 'slack',
  webhookUrl: 'https://hooks.example/services/T/B/secret',
  keyword: '',
  secret: null,
}
const STORED = sampleNotification({ report: { ...REPORT, core: { key: 'corefiles/prod/web-0/core.gz' } } })

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
  assert.deepEqual(targetsOf(configured(skips), lostNotification()), [slack])
})

it('wantsMd5() says whether script or CoreSight is there to be told it', () => {
  assert.equal(wantsMd5(configured()), false)
  assert.equal(wantsMd5(configured(`${SCRIPT}}`)), true)
  assert.equal(wantsMd5(configured(SIGHT)), true)
})
