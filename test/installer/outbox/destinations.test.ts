import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { RECEIVER_KINDS } from '../../../config/receivers/all.ts'
import { Host } from '../../../handoff/host.ts'
import { newEntry } from '../../../handoff/outbox-entry.ts'
import { AlertBook } from '../../../installer/outbox/alert-book.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import { destinationsIn } from '../../../installer/outbox/destinations.ts'
import { targetsOf } from '../../../notify/routing.ts'
import { DESTINATION_KINDS, isTarget, type Target } from '../../../notify/target.ts'
import { OK, UNTOLD } from '../../../notify/verdict.ts'
import { startFakeReceiver } from '../../fakes/fake-receiver.ts'
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

it('an Alertmanager that was away is not told of what is over and another one has, nor is that renewed', async t => {
  const receiver = await startFakeReceiver()
  t.after(() => receiver.close())
  const urls = ['a', 'b'].map(name => `"${receiver.origin}/${name}"`)
  const pair = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
destinations: {alertmanager: {urls: [${urls.join()}]}}`).config
  const alerts = new AlertBook()
  const { log } = openLogLines()
  const reach = { host: new Host(tmpdir()), limiters: new ChatLimiters(), env: {}, log, alerts }
  const destinationOf = destinationsIn({ ...reach, config: pair })
  const notice = sampleNotification({ report: { ...REPORT, time: '2026-11-21T04:00:00Z' } })
  const all = targetsOf(pair, notice)
  const tell = (pending: readonly Target[]) => {
    const entry = newEntry(notice, pending, new Date(), null)
    return destinationOf(all[1]!)?.deliver(entry, new AbortController().signal) // a pair
  }
  assert.deepEqual(await tell(all.slice(1)), UNTOLD)
  assert.deepEqual([receiver.received, alerts.within(600, new Date())], [[], []])
  assert.deepEqual(await tell(all), OK)
  assert.deepEqual([receiver.received.length, alerts.within(600, new Date()).length], [1, 1])
})
