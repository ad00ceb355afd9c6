import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { eventOf, nodeEvent, postEvent } from '../../../installer/telemetry/events.ts'
import { KubeClient } from '../../../kube/client.ts'
import { anyCharacter } from '../../any-character.ts'
import { startFakeKube } from '../../fakes/fake-kube.ts'
import { eventRefusal } from '../../fakes/kube-event.ts'
import { inputs } from '../../inputs.ts'

const report = {
  id: '0a1b2c3d4e5f',
  time: '2026-11-21T04:40:00.000Z',
  pod: { namespace: 'shop', name: 'web-0', uid: 'u-1' },
  container: { name: 'app' },
  process: { comm: 'my app' },
  signal: { name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
  core: { key: 'cores/shop/web-0/app/x/core.gz', complete: true },
}
const stored = { msg: 'crash stored', time: '2026-11-21T04:40:09.000Z', report }
const DEATH = 'Process "my app" of container "app" died of SIGSEGV (SEGV_MAPERR at 0x0).'

async function posting(test: TestContext) {
  const fake = await startFakeKube()
  const kube = new KubeClient(fake.access)
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  test.after(async () => {
    await kube.close()
    await fake.close()
  })
  return { fake, lines, post: (event = eventOf(stored, 'node-1')) => postEvent(kube, event ?? fail(), log) }
}

function fail(): never {
  assert.fail('no event')
}

it('eventOf() tells on the pod where its core is, and the API server takes it', async t => {
  const { fake, post } = await posting(t)
  await post()
  assert.equal(fake.events.length, 1)
  const { metadata, ...event } = fake.events[0] ?? fail()
  assert.deepEqual([metadata?.namespace, metadata?.name], ['shop', 'web-0.0a1b2c3d4e5f'])
  assert.deepEqual(event, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: '2026-11-21T04:40:00.000000Z',
    type: 'Warning',
    reason: 'CoreDumped',
    action: 'Collect',
    note: `${DEATH} Core: cores/shop/web-0/app/x/core.gz.`,
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'u-1' },
    reportingController: 'coredog.io/installer',
    reportingInstance: 'node-1',
  })
})

it('eventOf() names the cluster', () => {
  const node = { name: 'node-1', cluster: 'eu-1' }
  const event = eventOf({ ...stored, report: { ...report, node } }, 'node-1')
  assert.deepEqual(event?.metadata.annotations, { 'coredog.io/cluster': 'eu-1' })
})

it('eventOf() says why a core is incomplete', () => {
  const core = { ...report.core, complete: false, incompleteReason: 'only 5 of 9 bytes were kept' }
  const note = eventOf({ ...stored, report: { ...report, core } }, 'node-1')?.note ?? ''
  assert.ok(note.endsWith('core.gz. It is not whole: only 5 of 9 bytes were kept.'), note)
})

it('eventOf() says that only stacks were kept for the quota of the namespace', () => {
  const GIB = 2 ** 30
  const noteOf = (core: object) =>
    eventOf({ ...stored, report: { ...report, core: { ...report.core, ...core } } }, 'node-1')?.note
  const full = { usedBytes: 10.5 * GIB, limitBytes: 10 * GIB }
  const kept = `${DEATH} Core: cores/shop/web-0/app/x/core.gz.`
  assert.equal(
    noteOf({ dump: 'stacks', quota: full }),
    `${kept} Stacks only, for the quota of the namespace: it is 105 % used, 11 GiB of 10 GiB.`,
  )
  for (const core of [
    { dump: 'stacks' },
    { dump: 'stacks', quota: { ...full, usedBytes: 9 * GIB } },
    { quota: full },
  ])
    assert.equal(noteOf(core), kept)
})

it('eventOf() says why a core is lost, and what to do', () => {
  const err = { message: 'Cannot put "x": 403', hint: 'Allow s3:PutObject.' }
  const event = eventOf({ msg: 'crash lost', report: { ...report, core: undefined }, err }, 'node-1')
  assert.equal(event?.reason, 'CoreDumpFailed')
  assert.equal(event.note, `${DEATH} Its core is lost: Cannot put "x": 403. Allow s3:PutObject.`)
})

it('eventOf() says once that a core is lost, or that nobody knows whether it is whole', () => {
  const noteOf = (reason: string) =>
    eventOf({ msg: 'crash lost', report: { ...report, core: undefined }, err: { message: reason } }, 'node-1')
      ?.note
  assert.equal(
    noteOf('not kept: its handler was killed'),
    `${DEATH} Its core is lost: its handler was killed.`,
  )
  assert.equal(noteOf('the disk is full.'), `${DEATH} Its core is lost: the disk is full.`)
  assert.equal(noteOf(''), `${DEATH} Its core is lost: see the log of the handler.`)
  const core = {
    ...report.core,
    complete: false,
    incompleteReason: 'it cannot be told whether it is whole: no ELF',
  }
  const note = eventOf({ ...stored, report: { ...report, core } }, 'node-1')?.note ?? ''
  assert.ok(note.endsWith('core.gz. It cannot be told whether it is whole: no ELF.'), note)
})

it('eventOf() tells of a crash of which no core was kept', () => {
  const core = { complete: false, incompleteReason: 'not kept: a core of the same crash was kept' }
  const event = eventOf({ msg: 'crash suppressed', report: { ...report, core } }, 'node-1')
  assert.equal(event?.reason, 'CoreDumpSuppressed')
  assert.equal(event.note, `${DEATH} Core not kept: a core of the same crash was kept.`)
})

it('eventOf() tells of a crash of which stacks were kept, because a core like it was', () => {
  const core = { key: 'k', complete: true, dump: 'stacks' } as const
  const event = eventOf({ msg: 'crash suppressed', report: { ...report, core } }, 'node-1')
  assert.equal(event?.note, `${DEATH} Core kept as stacks only: one like it was kept.`)
})

it('eventOf() names the core that was kept of a crash of which none was', () => {
  const kept = {
    key: 'shop/web-1/app/1/core.gz',
    url: 's3://cores/shop/web-1/app/1/core.gz?X-Amz-Signature=secret',
  }
  const core = { complete: false, incompleteReason: 'not kept: a core of the same crash was kept', kept }
  const event = eventOf({ msg: 'crash suppressed', report: { ...report, core } }, 'node-1')
  assert.equal(
    event?.note,
    `${DEATH} Core not kept: a core of the same crash was kept. The last one kept: s3://cores/shop/web-1/app/1/core.gz`,
  )
})

it('eventOf() never shows a signed link', () => {
  const core = { url: 'https://bucket.example/core.gz?X-Amz-Signature=secret', complete: true }
  const event = eventOf({ ...stored, report: { ...report, core } }, 'node-1')
  assert.match(event?.note ?? '', /core\.gz\.$/)
})

it('eventOf() is null for what is about no crash, or nobody’s', () => {
  for (const line of [
    { msg: 'notice failed', report },
    { msg: 'crash lost', err: { message: 'Cannot read "/etc/coredog/coredog.yaml"' } },
    { ...stored, report: { ...report, pod: { uid: 'u-1' } } },
    { ...stored, report: { ...report, pod: { namespace: '../kube-system', name: 'a' } } },
    { ...stored, report: { ...report, pod: { namespace: 'shop', name: 'a..b' } } },
    { ...stored, report: 'none' },
  ])
    assert.equal(eventOf(line, 'node-1'), null)
})

it('eventOf() makes only what the API server takes, whatever the process was called', () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 2000 })
  const line = fc.record({
    msg: fc.constantFrom('crash stored', 'crash lost', 'crash suppressed'),
    time: text,
    err: fc.record({ message: text, hint: text }),
    report: fc.record({
      id: text,
      time: text,
      pod: fc.record({ namespace: fc.constant('shop'), name: fc.stringMatching(/^[a-z]([-.][a-z])*$/) }),
      process: fc.record({ comm: text }),
      core: fc.record({
        ...{ key: text, complete: fc.boolean(), incompleteReason: text, dump: fc.constant('stacks') },
        quota: fc.record({ usedBytes: fc.jsonValue(), limitBytes: fc.jsonValue() }),
      }),
    }),
  })
  fc.assert(
    fc.property(line, entry => {
      const event = eventOf(entry, 'node-1') ?? fail()
      assert.equal(eventRefusal(event, 'shop'), null)
      assert.doesNotMatch(event.note, /[\p{Cc}\p{Cf}]/u)
    }),
    inputs(),
  )
})

it('nodeEvent() is one that the API server takes, in the namespace of nodes', async t => {
  const { fake, post } = await posting(t)
  await post(nodeEvent('node-1.example', 'ForeignCorePattern', 'apport took it'))
  await post(nodeEvent('node-1.example', 'ForeignCorePattern', 'apport took it'))
  assert.deepEqual(
    fake.events.map(({ reason, regarding, metadata }) => [reason, regarding?.kind, metadata?.namespace]),
    Array.from({ length: 2 }, () => ['ForeignCorePattern', 'Node', 'default']),
  )
})

it('postEvent() makes one event of a line that is read twice', async t => {
  const { fake, lines, post } = await posting(t)
  await post()
  await post()
  assert.deepEqual([fake.events.length, lines], [1, []])
})

it('postEvent() logs what to do when it may not, and goes on', async t => {
  const { fake, lines, post } = await posting(t)
  fake.deny('create events')
  await post()
  assert.equal(lines[0]?.msg, 'event not posted')
  assert.match(String(lines[0]?.hint), /"create" on "events" of API group "events.k8s.io"/)
})
