import assert from 'node:assert/strict'
import { it } from 'node:test'
import { EventSeries } from '../../../installer/telemetry/event-series.ts'
import { eventOf, type KubeEvent, kindOf } from '../../../installer/telemetry/events.ts'
import { eventRefusal } from '../../fakes/kube-event.ts'

const clock = { ms: 0, now: () => clock.ms, random: () => 0.5 }

/** The Event of crash number `id`, and what makes it like others. */
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
  return [eventOf(line, 'node-1') ?? assert.fail(), kindOf(line)] as const
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

it('EventSeries tells each pod, outcome and site for itself, and each kept core that has none', () => {
  const series = new EventSeries(clock)
  for (const id of [1, 2]) {
    series.add(...crash(id))
    series.add(...crash(id, { pod: 'web-1' }))
    series.add(...crash(id, { site: 'b' }))
    series.add(...crash(id, { msg: 'crash lost' }))
    series.add(...crash(id, { site: '', msg: 'crash stored' }))
  }
  const counts = takeAll(series).map(({ reason, series }) => `${reason} ${series?.count ?? 1}`)
  assert.deepEqual(counts, [
    'CoreDumpSuppressed 2',
    'CoreDumpSuppressed 2',
    'CoreDumpSuppressed 2',
    'CoreDumpFailed 2',
    'CoreDumped 1',
    'CoreDumped 1',
  ])
})

it('EventSeries gives a pod that crashes ever differently eleven kinds, and its neighbour its own', () => {
  const series = new EventSeries(clock)
  for (let id = 0; id < 5000; id += 1) series.add(...crash(id, { site: `s${id}` }))
  series.add(...crash(1, { pod: 'neighbour' }))
  const told = takeAll(series)
  assert.equal(told.length, 12)
  assert.equal(told.at(-2)?.series?.count, 4990)
  assert.equal(told.at(-1)?.regarding.name, 'neighbour')
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
    [240, 360],
  )
})
