import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { ClusterPlaces } from '../../../handler/deduplicate/cluster-places.ts'
import { WindowMemory } from '../../../handler/deduplicate/window-memory.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { openLogLines } from '../../installer/log-lines.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'

const GROUP = {
  cluster: 'prod',
  namespace: 'shop',
  workload: 'Deployment.web',
  fingerprint: ['pod', 'shop', 'Deployment', 'web', 'app', 'memory', '57b469349bba6c56'],
}
const NOW = new Date('2026-11-21T04:40:00Z')
const { config } = parseConfig('StorageConfig: {S3Bucket: cores, s3Region: us-east-1, StoreDir: corefiles}')

describe('ClusterPlaces', () => {
  let s3: FakeS3
  beforeEach(async () => {
    s3 = await startFakeS3()
  })
  afterEach(() => s3[Symbol.asyncDispose]())

  function node(
    test: TestContext,
    { waitToAsk = async (): Promise<{ end(): void }> => ({ end: () => undefined }), now = () => NOW } = {},
  ) {
    const { log, lines } = openLogLines()
    const memory = new WindowMemory(temporaryFolder(test), config.dedupe.windowSeconds)
    const places = new ClusterPlaces({ store: s3StoreOf(s3), memory, config, waitToAsk, now, log })
    return { places, messages: () => lines.map(({ msg }) => msg) }
  }

  it('tells a node whose core is kept, and until when no other is', async t => {
    const [one, other] = [node(t).places, node(t).places]
    const won = await one.take(GROUP, claim('000000000001'))
    assert.equal(won.outcome, 'won')
    const full = await other.take(GROUP, claim('000000000002'))
    assert.deepEqual(full, {
      ...{ outcome: 'full', place: won.place },
      until: new Date('2026-11-21T04:45:00Z'),
    })
    const core = await other.coreAt(GROUP, won.place ?? '')
    const key = coreOf('000000000001')
    assert.deepEqual(core, { key: `corefiles/${key}`, url: `s3://cores/corefiles/${key}` })
  })

  it('asks nothing of what the node knows, the core among it', async t => {
    const [one, other] = [node(t).places, node(t).places]
    const { place } = await one.take(GROUP, claim('000000000001'))
    await other.take(GROUP, claim('000000000002'))
    await other.coreAt(GROUP, place ?? '')
    s3.requests.length = 0
    for (const { take } of [one, other].map(places => ({ take: places.take.bind(places) }))) {
      const again = await take(GROUP, claim('000000000003'))
      assert.ok(again.outcome === 'full')
      assert.equal(again.core?.key, `corefiles/${coreOf('000000000001')}`)
    }
    assert.deepEqual(s3.requests, [])
  })

  it('keeps what it gets no answer for, says so, and gives back what may be its own', async t => {
    s3.fail('PutObject', faults.refuse(403, 'AccessDenied'))
    const { places, messages } = node(t)
    const taken = await places.take(GROUP, claim('000000000001'))
    assert.equal(taken.outcome, 'unanswered')
    assert.match(taken.place ?? '', /\/kept\/\d+\.000000-0$/)
    assert.deepEqual(messages(), ['cluster not asked which core is kept'])
    await places.giveBack(taken.place ?? '', '000000000001', 'nothing')
    assert.equal((await places.take(GROUP, claim('000000000002'))).outcome, 'won')
  })

  it('takes the place of a core that was lost again, and none that is not its own', async t => {
    const { places } = node(t)
    const won = await places.take(GROUP, claim('000000000001'))
    assert.equal(won.outcome, 'won')
    await places.giveBack(won.place ?? '', '000000000002', 'nothing')
    assert.equal((await places.take(GROUP, claim('000000000003'))).outcome, 'full')
    await places.giveBack(won.place ?? '', '000000000001', 'nothing')
    const again = await places.take(GROUP, claim('000000000004'))
    assert.deepEqual([again.outcome, again.place], ['won', won.place])
  })

  it('leaves the place of a core that was cut to nodes that do not know that it was taken', async t => {
    const [one, other] = [node(t).places, node(t).places]
    const { place } = await one.take(GROUP, claim('000000000001'))
    await one.giveBack(place ?? '', '000000000001', 'a part')
    assert.equal((await one.take(GROUP, claim('000000000002'))).outcome, 'full')
    assert.equal((await other.take(GROUP, claim('000000000003'))).outcome, 'won')
  })

  it('waits 5000 ms for an answer where no process is held', async t => {
    const { places, messages, asked } = silentNode(t)
    let outcome = ''
    const taking = places.take(GROUP, claim('000000000001'))
    void taking.then(taken => {
      outcome = taken.outcome
    })
    await asked
    mock.timers.tick(300)
    mock.timers.tick(4699)
    await new Promise(setImmediate)
    assert.equal(outcome, '')
    mock.timers.tick(1)
    assert.deepEqual(await taking, { outcome: 'unanswered', place: null })
    assert.deepEqual(messages(), ['cluster not asked which core is kept'])
  })

  it('lets a process that is held go on after 300 ms, and the question for as long as any', async t => {
    const { places, messages, asked } = silentNode(t)
    const taking = places.take(GROUP, { ...claim('000000000001'), isHeld: () => true })
    await asked
    mock.timers.tick(300)
    const taken = await taking
    assert.ok(taken.outcome === 'unanswered' && taken.later !== undefined)
    assert.deepEqual([taken.place, messages()], [null, []])
    mock.timers.tick(4700)
    assert.deepEqual(await taken.later, { outcome: 'unanswered', place: null })
    assert.deepEqual(messages(), ['cluster not asked which core is kept'])
  })

  it('remembers an answer that came too late for a process that was held', async t => {
    await node(t).places.take(GROUP, claim('000000000001'))
    const slot = Promise.withResolvers<{ end(): void }>()
    const { places, asked } = silentNode(t, slot.promise)
    const taking = places.take(GROUP, { ...claim('000000000002'), isHeld: () => true })
    await asked
    mock.timers.tick(300)
    const taken = await taking
    slot.resolve({ end: () => undefined })
    mock.timers.reset()
    const later = taken.outcome === 'unanswered' ? await taken.later : assert.fail(taken.outcome)
    assert.equal(later?.outcome, 'full')
    s3.requests.length = 0
    assert.equal((await places.take(GROUP, claim('000000000003'))).outcome, 'full')
    assert.deepEqual(s3.requests, [])
  })

  /** One on which no question has its turn before `slot`. Time stands still. */
  function silentNode(t: TestContext, slot: Promise<{ end(): void }> = new Promise(() => undefined)) {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.after(() => mock.timers.reset())
    const asked = Promise.withResolvers<void>()
    const waitToAsk = () => {
      asked.resolve()
      return slot
    }
    return { ...node(t, { waitToAsk }), asked: asked.promise }
  }

  it('believes no node that names a core of another namespace', async t => {
    const { places } = node(t)
    const { place } = await places.take(GROUP, {
      ...claim('000000000001'),
      core: coreOf('000000000001', 'bank'),
    })
    assert.equal(await places.coreAt(GROUP, place ?? ''), null)
  })
})

function coreOf(id: string, namespace = 'shop'): string {
  return `${namespace}/web-1/app/20261121T042117Z-api-7-${id}/core.gz`
}

function claim(id: string) {
  return { id, node: 'node-1', time: NOW, core: coreOf(id), isHeld: () => false }
}
