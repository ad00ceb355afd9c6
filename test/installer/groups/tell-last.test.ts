import assert from 'node:assert/strict'
import { mkdirSync, readdirSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { Host } from '../../../handoff/host.ts'
import { newEntry, type OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { settleAlone } from '../../../installer/groups/settle-alone.ts'
import { tellLast } from '../../../installer/groups/tell-last.ts'
import { openHostStore } from '../../../installer/supply/host-store.ts'
import { targetsOf } from '../../../notify/routing.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { startFakeChat } from '../../fakes/fake-chat.ts'
import { TimedStore } from '../../groups/timed-store.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const GROUP = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const ANOTHER = { id: 'ba9876543210', node: 'node-2', time: new Date(), crashes: 1 }
const SIGNAL = new AbortController().signal
const NOTICE = sampleNotification({ group: GROUP })

/** A node with a store and a chat. `tell` is given what waits there, and gives what waits there then. */
async function nodeOf(t: TestContext) {
  const chat = await startFakeChat()
  t.after(() => chat.close())
  const host = new Host(temporaryFolder(t))
  mkdirSync(host.path('/mnt'))
  const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel: [{chan: slack, webhookurl: "${chat.url('slack')}"}]`)
  const outbox = new OutboxFolder(host.path('/var/lib/coredog/outbox'))
  const metrics = { countDelivery: () => undefined, setOutbox: () => undefined }
  const { log } = openLogLines()
  const tell = async (...changes: readonly Partial<OutboxEntry>[]) => {
    for (const change of changes) {
      const notice = change.notice ?? NOTICE
      const entry = newEntry(notice, targetsOf(config, notice), new Date(), null)
      await outbox.add({ ...entry, ...change })
    }
    await tellLast({ config, host, env: {}, metrics, nodeName: 'node-1', log })
    return outbox.ids()
  }
  return { chat, tell, group: new CrashGroup(openHostStore(host, config), GROUP), host }
}

it('tellLast() tells what would be left to the notifier of all nodes, and leaves nothing', async t => {
  const { chat, tell, group, host } = await nodeOf(t)
  await group.claim(0, ANOTHER, SIGNAL)
  assert.deepEqual(await tell({}), [])
  assert.equal(chat.messages.length, 1)
  assert.deepEqual(readdirSync(host.path('/var/lib/coredog/outbox')), [])
})

it('tellLast() tells nobody of a group that is muted', async t => {
  const { chat, tell, group } = await nodeOf(t)
  await group.mute({ until: new Date(Date.now() + 3_600_000) })
  assert.deepEqual(await tell({}), [])
  assert.equal(chat.messages.length, 0)
})

it('tellLast() does not wait for what rests after it failed, and tries it once', async t => {
  const { chat, tell } = await nodeOf(t)
  const { group: _, ...notice } = NOTICE
  const notBefore = new Date(Date.now() + 600_000).toISOString()
  chat.failNext({ status: 503 })
  assert.deepEqual(await tell({ notice, notBefore, attempts: 7 }), [REPORT.id])
  assert.equal(chat.requests, 1)
  assert.deepEqual(await tell(), [])
})

it('settleAlone() ends with its time, and leaves what it has not reached', async () => {
  const read = () => assert.fail('read')
  const outbox = { ids: async () => [REPORT.id], read, write: read }
  const settling = { store: new TimedStore(new Date()), node: 'node-1', now: () => new Date() }
  await settleAlone(outbox, { ...settling, log: openLogLines().log }, AbortSignal.abort())
})

it('tellLast() leaves to a handler what that is at', async t => {
  const { chat, tell } = await nodeOf(t)
  const { group: _, ...notice } = NOTICE
  const notBefore = new Date(Date.now() + 90_000).toISOString()
  assert.deepEqual(await tell({ notice, notBefore }), [REPORT.id])
  assert.equal(chat.requests, 0)
})
