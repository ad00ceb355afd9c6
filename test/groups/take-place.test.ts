import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { windowAt } from '../../groups/outbreak.ts'
import { encodePlace } from '../../groups/place-record.ts'
import { giveBackPlace, readPlace } from '../../groups/places.ts'
import { type KnownWindow, PlaceQuestion } from '../../groups/take-place.ts'
import { type FakeS3, faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { s3StoreOf } from '../storage/s3/s3-store-of.ts'

const NEVER = new AbortController().signal
const FOLDER = '_groups/prod/shop/Deployment.web/0123456789abcdef0123456789abcdef'
const NOW = 1_763_700_000
const DAY = 86_400

describe('PlaceQuestion', () => {
  let s3: FakeS3
  let asked: number
  beforeEach(async () => {
    s3 = await startFakeS3()
    asked = 0
  })
  afterEach(() => s3[Symbol.asyncDispose]())

  function question(keep = 1, now = NOW, known: KnownWindow | null = null): PlaceQuestion {
    asked += 1
    return new PlaceQuestion(s3StoreOf(s3), {
      ...{ folder: FOLDER, now, known, signal: NEVER },
      body: recordOf(String(asked).padStart(12, '0')),
      rule: { windowSeconds: 300, keep },
    })
  }

  const outcomes = async (questions: readonly PlaceQuestion[]) =>
    (await Promise.all(questions.map(one => one.ask()))).map(({ outcome }) => outcome)
  const operations = () => s3.requests.map(({ operation }) => operation)

  for (const keep of [1, 3])
    it(`lets exactly ${keep} win of twenty nodes that know nothing and ask at once`, async () => {
      const found = await outcomes(Array.from({ length: 20 }, () => question(keep)))
      assert.equal(found.filter(outcome => outcome === 'won').length, keep)
      assert.equal(s3.bucket().keys(`corefiles/${FOLDER}/kept/`).length, keep)
    })

  it('costs a node that knows nothing a listing, and a write where there is room', async () => {
    await question().ask()
    assert.deepEqual(operations(), ['ListObjectsV2', 'PutObject'])
    s3.requests.length = 0
    assert.equal((await question().ask()).outcome, 'full')
    assert.deepEqual(operations(), ['ListObjectsV2'])
  })

  it('costs nothing where all places are known to be taken, and one write in the next window', async () => {
    const { known } = await question().ask()
    s3.requests.length = 0
    const again = question(1, NOW + 299, known)
    assert.deepEqual([again.isAnswered, (await again.ask()).outcome, operations()], [true, 'full', []])
    const next = question(1, NOW + 300, known)
    assert.deepEqual([next.isAnswered, (await next.ask()).outcome], [false, 'won'])
    const late = question(1, NOW + 301, known)
    assert.deepEqual([(await late.ask()).outcome, operations()], ['full', ['PutObject', 'PutObject']])
  })

  it('finds a window full of which others took all other places since', async () => {
    const { known } = await question(40).ask()
    await outcomes(Array.from({ length: 39 }, () => question(40)))
    s3.requests.length = 0
    const again = await question(40, NOW + 1, known).ask()
    assert.equal(again.outcome, 'full')
    assert.deepEqual(operations(), [...Array.from({ length: 16 }, () => 'PutObject'), 'ListObjectsV2'])
    assert.equal(question(40, NOW + 2, again.known).isAnswered, true)
  })

  it('lists anew after a day without a word of the group', async () => {
    const { known } = await question().ask()
    s3.requests.length = 0
    const answer = await question(1, NOW + 10 * DAY, known).ask()
    assert.deepEqual([answer.outcome, answer.window.number], ['won', 0])
    assert.deepEqual(operations(), ['ListObjectsV2', 'PutObject'])
  })

  it('tells where the place is, and until when there is none', async () => {
    const won = await question().ask()
    const full = await question().ask()
    assert.equal(won.place, `${FOLDER}/kept/${NOW}.000000-0`)
    assert.deepEqual(
      [full.place, full.window],
      [won.place, windowAt(NOW, NOW, { windowSeconds: 300, keep: 1 })],
    )
  })

  it('says what it asked for where no answer came', async () => {
    const silent = question()
    assert.equal(silent.asked, null)
    s3.fail('PutObject', faults.refuse(403, 'AccessDenied'))
    await assert.rejects(silent.ask())
    assert.equal(silent.asked, `${FOLDER}/kept/${NOW}.000000-0`)
  })

  it('leaves no request of which nobody wants the answer any more', { timeout: 10_000 }, async () => {
    s3.fail('ListObjectsV2', faults.hang())
    const ending = new AbortController()
    const asking = { folder: FOLDER, now: NOW, known: null, signal: ending.signal }
    const rule = { windowSeconds: 300, keep: 1 }
    const asked = new PlaceQuestion(s3StoreOf(s3), { ...asking, rule, body: recordOf('000000000001') }).ask()
    while (s3.requests.length === 0) await new Promise(setImmediate)
    ending.abort(new Error('too late'))
    await assert.rejects(asked)
  })

  it('asks for each place once, also where a list does not say that they are taken', async () => {
    const asked: string[] = []
    const putIfNew = async (key: string) => {
      asked.push(key)
      return 'refused' as const
    }
    const asking = { folder: FOLDER, now: NOW, known: null, signal: NEVER, body: recordOf('000000000001') }
    const rule = { windowSeconds: 300, keep: 1000 }
    const late = new PlaceQuestion({ ...listOf(), putIfNew }, { ...asking, rule })
    assert.equal((await late.ask()).outcome, 'full')
    assert.deepEqual([asked.length, new Set(asked).size], [1000, 1000])
  })

  it('gives up where each list says that another outbreak goes on', async () => {
    let lists = 0
    async function* list() {
      lists += 1
      yield { key: `${FOLDER}/kept/${NOW - lists}.000000-999`, sizeBytes: 0, storedAt: new Date() }
    }
    const asking = { folder: FOLDER, now: NOW, known: null, signal: NEVER, body: recordOf('000000000001') }
    const rule = { windowSeconds: 300, keep: 1000 }
    const late = new PlaceQuestion({ list, putIfNew: async () => 'refused' }, { ...asking, rule })
    await assert.rejects(late.ask(), /places were taken by others/)
  })

  it('finds a place that was given back by the crash that had it, and by no other', async () => {
    const { place } = await question().ask()
    const store = s3StoreOf(s3)
    assert.equal((await readPlace(store, place))?.id, '000000000001')
    await giveBackPlace(store, place, '000000000002')
    assert.equal((await question().ask()).outcome, 'full')
    await giveBackPlace(store, place, '000000000001')
    await giveBackPlace(store, place, '000000000001')
    assert.equal(await readPlace(store, place), null)
    assert.equal((await question().ask()).outcome, 'won')
  })
})

function recordOf(id: string): Buffer {
  return encodePlace({ id, node: 'node-1', time: '2026-11-21T05:00:00Z', core: 'shop/web-1/app/x/core.gz' })
}

function listOf() {
  return {
    async *list() {
      // There is nothing.
    },
  }
}
