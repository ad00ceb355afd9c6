import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { deduplicationIn } from '../../../handler/deduplicate/deduplication.ts'
import { Host } from '../../../handoff/host.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { closeCases } from '../../../installer/outbox/closed-groups.ts'
import { defaultMessage } from '../../../notify/message.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const START = Date.parse('2026-11-21T05:00:00Z')
const WEB = ['pod', 'shop', 'Deployment', 'web']
const GROUPS = { workload: WEB, fingerprint: [...WEB, 'app', '57b469349bba6c56'] }
const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel: [{chan: slack, webhookurl: "https://hooks.example/T"}]
limits: {perWorkload: 20}`)

const CORE = { key: 'prod/web-0/core.gz', url: 's3://cores/prod/web-0/core.gz' }

/** A node on which crashes come, and rounds of the installer are made, at seconds of our choice. */
function node(test: TestContext) {
  const host = new Host(temporaryFolder(test))
  const dedupe = host.path('/var/lib/coredog/dedupe')
  const outbox = new OutboxFolder(host.path('/var/lib/coredog/outbox'))
  const deduplication = deduplicationIn(dedupe, config)
  const timeOf = (second: number) => new Date(START + second * 1000)
  return {
    host,
    dedupe,
    outbox,
    crash: async (second: number) => {
      const id = `c${String(second).padStart(11, '0')}`
      const verdict = await deduplication.deduplicate(GROUPS, { id, time: timeOf(second), core: CORE })
      const notification = sampleNotification({
        outcome: 'suppressed',
        report: { ...REPORT, id },
        reason: 'kept at 05:00',
      })
      if (!verdict.keep) await deduplication.leave(GROUPS, verdict.by, notification)
      return verdict
    },
    round: (second: number, settings = config) =>
      closeCases({ config: settings, host, log: openLogLines().log, now: () => timeOf(second) }),
  }
}

it('closeCases() tells how many were not kept, once, when the time is over', async t => {
  const { crash, round, outbox } = node(t)
  for (const second of [0, 1, 2, 3]) await crash(second)
  for (const second of [4, 299]) await round(second)
  assert.deepEqual(await outbox.ids(), [])
  for (const second of [300, 310, 320]) await round(second)
  const entry = await outbox.read('c00000000003')
  assert.ok(entry !== null && typeof entry !== 'string')
  const { title, lines, commands } = defaultMessage(entry.notice)
  assert.match(title, /^3 more crashes: SIGSEGV in /)
  assert.match(lines[0] ?? '', /^3 more crashes .* no core kept: kept at 05:00$/)
  assert.deepEqual(commands, [])
  await outbox.remove('c00000000003')
  for (const second of [330, 340]) await round(second)
  assert.deepEqual(await outbox.ids(), [])
})

it('closeCases() leaves nothing behind, and the case begins anew without what was told', async t => {
  const { crash, round, dedupe } = node(t)
  for (const second of [0, 1]) await crash(second)
  for (const second of [300, 310]) await round(second)
  // That of the workload, whose hour is not over.
  assert.equal(readdirSync(dedupe).length, 1)
  assert.deepEqual(await crash(320), { keep: true, suppressed: 0 })
})

it('closeCases() leaves to the handler what it has told with the next core', async t => {
  const { crash, round, outbox, dedupe } = node(t)
  for (const second of [0, 1]) await crash(second)
  assert.deepEqual(await crash(300), { keep: true, suppressed: 1 })
  for (const second of [700, 710]) await round(second)
  assert.deepEqual(await outbox.ids(), [])
  assert.ok(!readdirSync(dedupe).some(name => name.endsWith('.json')))
})

it('closeCases() tells what a handler counted in a file that was just taken away', async t => {
  const { crash, round, outbox, dedupe } = node(t)
  for (const second of [0, 1]) await crash(second)
  await round(300)
  const closing = readdirSync(dedupe).find(name => name.endsWith('.closing')) ?? assert.fail('none')
  writeFileSync(path.join(dedupe, closing), `${new Date(START + 2000).toISOString()} aaaaaaaaaaaa\n`, {
    flag: 'a',
  })
  await round(310)
  const entry = await outbox.read('c00000000001')
  assert.equal(entry !== null && typeof entry !== 'string' && entry.notice.report.suppressed, 2)
})

it('closeCases() goes on where a kill left it, at each of its steps', async t => {
  const { crash, round, outbox, dedupe, host } = node(t)
  for (const second of [0, 1]) await crash(second)
  await round(300)
  const before = readdirSync(dedupe).map(name => [name, readFileSync(path.join(dedupe, name))] as const)
  await round(310)
  const told = host.path('/var/lib/coredog/outbox/c00000000001.json')
  const message = readFileSync(told)
  // Killed before the move to the outbox, with the word still there or gone.
  for (const names of [/./, /^(?!.*\.json$)/]) {
    await outbox.remove('c00000000001')
    for (const [name, bytes] of before.filter(([name]) => names.test(name)))
      writeFileSync(path.join(dedupe, name), name.endsWith('.closing') ? message : bytes)
    for (const second of [320, 330]) await round(second)
    assert.deepEqual(readFileSync(told), message)
    assert.equal(readdirSync(dedupe).length, 1)
  }
})

it('closeCases() leaves alone the files of cases that an older handler wrote', async t => {
  const { round, dedupe, outbox } = node(t)
  mkdirSync(dedupe, { recursive: true })
  const old = '0123456789abcdef0123456789abcdef'
  writeFileSync(path.join(dedupe, old), `${new Date(START).toISOString()} aaaaaaaaaaaa\n`.repeat(2))
  for (const second of [300, 310]) await round(second)
  assert.deepEqual([readdirSync(dedupe), await outbox.ids()], [[old], []])
})

it('closeCases() has nobody to tell without a channel, and drops the count', async t => {
  const { crash, round, outbox, dedupe } = node(t)
  for (const second of [0, 1]) await crash(second)
  const silent = { ...config, notice: { ...config.notice, channels: [] } }
  for (const second of [300, 310]) await round(second, silent)
  assert.deepEqual([await outbox.ids(), readdirSync(dedupe).length], [[], 1])
})

it('closeCases() needs no folder', async t => {
  await node(t).round(0)
})
