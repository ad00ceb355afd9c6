import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { RECEIVER_KINDS } from '../../../config/receivers/all.ts'
import { Host } from '../../../handoff/host.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import { destinationsIn } from '../../../installer/outbox/destinations.ts'
import { targetsOf } from '../../../notify/routing.ts'
import { DESTINATION_KINDS, isTarget } from '../../../notify/target.ts'
import { writtenOf } from '../../notify/receivers/samples.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const STORED = sampleNotification({ report: { ...REPORT, core: { key: 'corefiles/prod/web-0/core.gz' } } })

const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel: [{chan: slack, webhookurl: "https://chat.example/1"}, {chan: lark, webhookurl: "https://chat.example/2"}]
CustomHandler: {enabled: true, script: "true"}
CoreSight: {enabled: true, apiUrl: "http://coresight:8000"}
destinations:
${RECEIVER_KINDS.map(kind => `  ${kind}: ${writtenOf(kind)}`).join('\n')}`)

it('whoever is to be told has a destination, of a kind that the outbox can name', () => {
  const { log } = openLogLines()
  const options = { config, host: new Host(tmpdir()), limiters: new ChatLimiters(), env: {}, log }
  const targets = targetsOf(config, STORED)
  const told = targets.map(destinationsIn(options))
  assert.deepEqual(
    told.map(destination => destination?.name),
    ['customHandler', 'slack#1', 'feishu#2', 'coreSight', ...RECEIVER_KINDS.map(kind => `${kind}#1`)],
  )
  assert.deepEqual(
    told.map(destination => destination?.target),
    targets,
  )
  assert.deepEqual(new Set(told.map(destination => destination?.kind)), new Set(DESTINATION_KINDS))
  assert.ok(targets.every(isTarget))
})

it('whoever is not in the configuration has none', () => {
  const { log } = openLogLines()
  const { config: empty } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}')
  const options = { config: empty, host: new Host(tmpdir()), limiters: new ChatLimiters(), env: {}, log }
  assert.deepEqual(targetsOf(config, STORED).map(destinationsIn(options)), [
    ...[null, null, null, null],
    ...RECEIVER_KINDS.map(() => null),
  ])
})
