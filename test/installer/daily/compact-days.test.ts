import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { all } from '../../storage/bodies.ts'
import { crash, dailyStore, NOW } from './daily-store.ts'

const DAY_MS = 86_400_000

it('a day that is over has a file with a line for each of its crashes', async t => {
  const daily = dailyStore(t)
  const pod = crash('2026-11-23T04:21:17Z')
  const host = crash('2026-11-23T23:59:59Z', {
    ...{ namespace: '_host', pod: 'node-1', container: '', podUid: null, signal: null, group: null },
    ...{ storedBytes: 0, id: '00000000000a', comm: 'kubelet', pid: 7 },
  })
  await daily.name(pod)
  await daily.name(host)
  await daily.name(crash('2026-11-24T00:00:00Z'))
  await daily.name(crash('2026-11-23T04:21:17Z', { cluster: 'other' }))
  await daily.compact()
  assert.deepEqual(await daily.files(), [daily.crashes('2026-11-23')])
  assert.equal(
    daily.crashes('2026-11-23'),
    '_index/daily/crashes/cluster=prod/date=2026-11-23/crashes.ndjson.gz',
  )
  const report = `${indexedFolder(pod)}/report.json`
  const [first, second, ...more] = await daily.lines('2026-11-23')
  assert.deepEqual(more, [])
  assert.deepEqual(first, {
    ...{ id: pod.id, time: '2026-11-23T04:21:17Z', namespace: 'shop', pod: pod.pod, podUid: pod.podUid },
    ...{ container: 'app', comm: 'worker_3', pid: 4242, signal: 11, signalName: 'SIGSEGV' },
    ...{ storedBytes: 88_000_123, group: 'v2:00ff12ab', report, url: daily.store.location(report) },
  })
  assert.deepEqual(Object.keys(second ?? {}), Object.keys(first ?? {}))
  assert.deepEqual(
    [second?.namespace, second?.container, second?.signal, second?.group],
    ['_host', null, null, null],
  )
  assert.deepEqual(
    daily.logged.map(({ msg, days, crashes }) => [msg, days, crashes]),
    [['crashes of past days written for queries', 1, 2]],
  )
})

it('days without a crash, and those before there were files, have one as well: ninety at the most', async t => {
  const daily = dailyStore(t)
  await daily.name(crash('2026-11-20T04:00:00Z'))
  await daily.compact()
  assert.deepEqual(
    await daily.files(),
    ['20', '21', '22', '23'].map(day => daily.crashes(`2026-11-${day}`)),
  )
  assert.deepEqual(await daily.lines('2026-11-21'), [])
  await daily.name(crash('1999-11-20T04:00:00Z'))
  await daily.compact()
  assert.equal((await daily.files()).length, 90)
})

it('a store without crashes gets no files', async t => {
  const daily = dailyStore(t)
  await daily.compact()
  assert.deepEqual([await daily.files(), daily.logged], [[], []])
})

it('what comes within two days is added, and what was removed since stays', async t => {
  const daily = dailyStore(t)
  const times = ['01:00:00', '01:00:05', '02:00:00'].map(time => `2026-11-23T${time}Z`)
  const [early = '', gone = '', late = ''] = times
  await daily.name(crash(early, { id: '00000000000b' }))
  const name = await daily.name(crash(gone, { id: '00000000000c' }))
  await daily.compact()
  await daily.store.remove(name)
  await daily.compact({ now: new Date(NOW.getTime() + DAY_MS) })
  assert.equal(daily.logged.at(-1)?.days, 1)
  await daily.name(crash(late, { id: '00000000000a' }), new Date(NOW.getTime() + 1.5 * DAY_MS))
  await daily.compact({ now: new Date(NOW.getTime() + 2 * DAY_MS) })
  const found = (await daily.lines('2026-11-23')).map(({ time }) => time)
  assert.deepEqual(found, [gone, early, late])
  await daily.name(crash(late, { id: '00000000000f' }), new Date(NOW.getTime() + 2.5 * DAY_MS))
  await daily.compact({ now: new Date(NOW.getTime() + 3 * DAY_MS) })
  assert.equal((await daily.lines('2026-11-23')).length, 3)
})

it('twice is as once, to the byte', async t => {
  const daily = dailyStore(t)
  for (const id of ['00000000000a', '00000000000b']) await daily.name(crash('2026-11-23T04:21:17Z', { id }))
  const file = async () => Buffer.concat(await all(await daily.store.get(daily.crashes('2026-11-23'))))
  await daily.compact()
  const once = await file()
  daily.isStored(daily.crashes('2026-11-23'), new Date('2026-11-23T00:00:00Z'))
  await daily.compact()
  assert.equal(daily.logged.length, 2)
  assert.deepEqual(await file(), once)
  await daily.store.remove(daily.crashes('2026-11-23'))
  await daily.compact()
  assert.deepEqual(await file(), once)
})

it('a file that a stranger wrote, or that is torn, keeps nobody from writing it', async t => {
  const daily = dailyStore(t)
  const entry = crash('2026-11-23T04:21:17Z')
  const foreign = [
    '{"id":"00000000000a"}',
    'null',
    '{"id":"../../etc","time":"2026-11-23T05:00:00Z"}',
    `{"id":"00000000000a","time":"2026-11-23T05:00:00Z","pod":"${'x'.repeat(20_000)}"}`,
    '{"id":"00000000000a","time":"2026-11-20T05:00:00Z"}',
    '{"id":"00000000000a","time":"2026-11-23T06:00:00Z"',
  ].join('\n')
  const whole = gzipSync(`${foreign}\n`)
  for (const bytes of [Buffer.from('no gzip'), whole, whole.subarray(0, 40), Buffer.alloc(0)]) {
    await daily.name(entry)
    await daily.store.put(daily.crashes('2026-11-23'), [bytes], bytes.length)
    daily.isStored(daily.crashes('2026-11-23'), new Date(0))
    await daily.compact()
    assert.deepEqual(
      (await daily.lines('2026-11-23')).map(({ id }) => id),
      [entry.id],
    )
  }
})

it('who is ended in the midst leaves no file, and the next one writes it', async t => {
  const daily = dailyStore(t)
  for (let at = 0; at < 10; at += 1)
    await daily.name(crash('2026-11-23T04:21:17Z', { id: at.toString(16).padStart(12, '0') }))
  const ended = new AbortController()
  const list = daily.store.list.bind(daily.store)
  let listed = 0
  daily.store.list = async function* (prefix: string, after?: string) {
    for await (const object of list(prefix, after)) {
      listed += 1
      if (listed === 5) ended.abort(new Error('lost'))
      yield object
    }
  }
  await assert.rejects(daily.compact({ signal: ended.signal }), /lost/)
  assert.deepEqual(await daily.files(), [])
  await daily.compact()
  assert.equal((await daily.lines('2026-11-23')).length, 10)
})

it('files older than retention go away, and are not made', async t => {
  const daily = dailyStore(t)
  await daily.name(crash('2026-11-01T04:00:00Z'))
  await daily.compact()
  assert.equal((await daily.files()).length, 23)
  await daily.compact({ maxAgeSeconds: 3 * 86_400 })
  assert.deepEqual(
    await daily.files(),
    ['21', '22', '23'].map(day => daily.crashes(`2026-11-${day}`)),
  )
  assert.deepEqual(
    [daily.logged.at(-1)?.msg, daily.logged.at(-1)?.removed],
    ['crashes of days older than retention removed from queries', 20],
  )
})

it('of a crash with two names the later one counts', async t => {
  const daily = dailyStore(t)
  await daily.name(crash('2026-11-23T04:21:17Z', { podUid: null, signal: null, group: null, storedBytes: 0 }))
  await daily.name(crash('2026-11-23T04:21:17Z'))
  await daily.compact()
  assert.deepEqual(
    (await daily.lines('2026-11-23')).map(({ storedBytes }) => storedBytes),
    [88_000_123],
  )
})
