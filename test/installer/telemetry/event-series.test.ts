import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { EventSeries } from '../../../installer/telemetry/event-series.ts'
import { eventOf, type KubeEvent, nodeEvent } from '../../../installer/telemetry/events.ts'
import { eventRefusal } from '../../fakes/kube-event.ts'
import { inputs } from '../../inputs.ts'

const OUTCOMES = ['crash stored', 'crash suppressed', 'crash lost']
const UNIT = { min: 0, max: 1, noNaN: true }

const clock = { ms: 0, now: () => clock.ms, random: () => 0 }

/** The Event of crash number `id`. */
function crash(id: number, { pod = 'web-0', site = 'a', msg = 'crash suppressed' } = {}) {
  const report = {
    id: `${id}`,
    time: new Date(id * 1000).toISOString(),
    pod: { namespace: 'shop', name: pod, uid: `uid of ${pod}` },
    container: { name: 'app' },
    signal: { name: 'SIGSEGV' },
    ...(site === '' ? {} : { crash: { signature: 'one', site } }),
  }
  const line = { msg, report }
  return [eventOf(line, 'node-1') ?? assert.fail(), ''] as const
}

function takeAll(series: EventSeries): KubeEvent[] {
  const taken: KubeEvent[] = []
  for (let event = series.take(); event !== null; event = series.take()) taken.push(event)
  return taken
}

it('EventSeries tells the first at once, and what follows in five minutes as one with a count', () => {
  const series = new EventSeries(clock)
  series.add(...crash(0))
  assert.deepEqual(takeAll(series), [crash(0)[0]])
  for (let id = 1; id < 3000; id += 1) series.add(...crash(id))
  assert.deepEqual([takeAll(series), series.secondsToNext()], [[], 300])
  clock.ms += 300_000
  const [told, ...others] = takeAll(series)
  assert.deepEqual(others, [])
  assert.equal(told?.series?.count, 2999)
  assert.equal(told.series.lastObservedTime, '1970-01-01T00:49:59.000000Z')
  assert.match(
    told.note,
    /^2999 since 1970-01-01T00:00:01Z, the last of them: Process "\?" of container "app" died/,
  )
  assert.equal(eventRefusal(told, 'shop'), null)
  assert.equal(series.secondsToNext(), null)
})

it('EventSeries tells of each pod for itself, of all that befell it by one Event', () => {
  const series = new EventSeries(clock)
  for (const pod of ['web-0', 'web-1']) series.add(...crash(0, { pod }))
  assert.deepEqual(
    takeAll(series).map(({ regarding }) => regarding.name),
    ['web-0', 'web-1'],
  )
  for (const [id, msg] of ['crash stored', 'crash lost', 'crash suppressed', 'crash lost'].entries())
    series.add(...crash(id + 1, { msg, site: `s${id}` }))
  series.add(...crash(9, { msg: 'crash stored' }))
  clock.ms += 420_000
  const [told, ...others] = takeAll(series)
  assert.deepEqual(others, [])
  assert.equal(told?.reason, 'CoreDumpFailed')
  assert.equal(told.metadata.name, 'web-0.4')
  assert.deepEqual(told.series, { count: 5, lastObservedTime: '1970-01-01T00:00:09.000000Z' })
  assert.match(
    told.note,
    /^5 since 1970-01-01T00:00:01Z \(CoreDumpFailed 2, CoreDumped 2, CoreDumpSuppressed 1\), the last CoreDumpFailed: Process/,
  )
  assert.equal(eventRefusal(told, 'shop'), null)
})

it('EventSeries writes at most one Event of a pod in five minutes, whatever crashes in it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(600), fc.constantFrom(...OUTCOMES))),
      fc.double(UNIT),
      (crashes, random) => {
        const time = { ms: 0, now: () => time.ms, random: () => random }
        const series = new EventSeries(time)
        let lastMs = Number.NEGATIVE_INFINITY
        for (const [id, [seconds, msg]] of crashes.entries()) {
          time.ms += seconds * 1000
          series.add(...crash(id, { msg, site: `s${id}` }))
          const told = takeAll(series)
          assert.ok(told.length <= 1)
          if (told.length === 0) continue
          assert.ok(time.ms - lastMs >= 300_000)
          lastMs = time.ms
        }
      },
    ),
    inputs(),
  )
})

it('EventSeries gives a node of which ever different things are said eleven kinds', () => {
  const series = new EventSeries(clock)
  for (let id = 0; id < 5000; id += 1) series.add(nodeEvent('node-1', 'CoreDumpDropped', `${id}`), `${id}`)
  series.add(...crash(1))
  const told = takeAll(series)
  assert.equal(told.length, 12)
  assert.equal(told.at(-2)?.series?.count, 4990)
  assert.equal(told.at(-1)?.regarding.name, 'web-0')
})

it('EventSeries has room for a thousand kinds, and for others when their time is over', () => {
  const series = new EventSeries(clock)
  const added = Array.from({ length: 1001 }, (_, id) => series.add(...crash(id, { pod: `web-${id}` })))
  assert.deepEqual(added.indexOf(false), 1000)
  takeAll(series)
  clock.ms += 300_000
  assert.equal(series.add(...crash(1, { pod: 'late' })), true)
})

it('EventSeries does not tell of all nodes at one time', () => {
  const windows = [0, 1].map(random => {
    const series = new EventSeries({ now: () => 0, random: () => random })
    series.add(...crash(1))
    series.take()
    series.add(...crash(2))
    return series.secondsToNext()
  })
  assert.deepEqual(
    windows.map(seconds => Math.round(seconds ?? 0)),
    [300, 420],
  )
})
