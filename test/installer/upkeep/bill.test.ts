import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dailyKey, dayOf, daysAfter } from '../../../crash/daily-key.ts'
import {
  type IndexEntry,
  indexedFolder,
  namespaceIndexKey,
  timeIndexKey,
} from '../../../crash/index-entry.ts'
import { StoreRounds } from '../../../installer/upkeep/store-rounds.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { openLogLines } from '../log-lines.ts'
import { BilledStore } from './bill.ts'

/** A small part of ten million, kept for thirty days. */
const PART = 1 / 1000
const CRASHES = 10_000_000 * PART
const DAYS = 30
const DAY_MS = 86_400_000
const NAMESPACES = 4

/** The last day of them is over. */
function crashAt(at: number, now: number): IndexEntry {
  const time = new Date(Math.floor((now - ((at + 0.5) / CRASHES) * (DAYS + 1) * DAY_MS) / 1000) * 1000)
  return {
    ...{ cluster: 'prod', namespace: `team-${at % NAMESPACES}`, pod: 'web-0', container: 'app', comm: 'app' },
    ...{ pid: 1, podUid: null, signal: 11, storedBytes: 5, group: `v2:${(at % 50).toString(16)}`, time },
    id: at.toString(16).padStart(12, '0'),
  }
}

it('the upkeep of ten million crashes costs less than a dollar a day', async t => {
  const now = Date.now()
  const past = Array.from({ length: DAYS - 1 }, (_, at) => daysAfter(dayOf(new Date(now)), -at - 2))
  const crashes = Array.from({ length: CRASHES }, (_, at) => crashAt(at, now)).flatMap(entry => [
    ...['core.gz', 'log.txt', 'report.json'].map(name => `${indexedFolder(entry)}/${name}`),
    namespaceIndexKey(entry),
    timeIndexKey(entry),
  ])
  const days = past.map(day => dailyKey({ table: 'crashes', cluster: 'prod', day }))
  const store = new BilledStore([...crashes, ...days], new Date(now))
  const { log, lines } = openLogLines()
  const rounds = new StoreRounds({
    store: store as unknown as ObjectStore, // what is asked for is there
    config: {
      retention: { by: 'coredog', maxAgeSeconds: DAYS * 86_400, maxCount: 0, maxBytes: 0, minOfGroup: 1 },
      dedupe: { windowSeconds: 300, keep: 1, scope: 'cluster', after: 'none' },
    },
    clusterNames: () => ['prod'],
    uploadsInUse: async () => new Set(),
    log,
  })
  await rounds.doWhatIsDue(new AbortController().signal)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crashes of past days written for queries', 'old crashes removed'],
  )
  // Something came to the two days before the last one.
  assert.equal(lines[0]?.days, 3)
  assert.ok(Number(lines[1]?.removed) > CRASHES / (DAYS + 1) / 1.1, String(lines[1]?.removed))
  // With the listing of all that is stored, which is made once a week.
  const dollars = store.dollars / PART
  t.diagnostic(
    `${store.lists} lists, ${store.puts} puts, ${store.gets} gets, $${dollars.toFixed(2)} a day at the most`,
  )
  assert.ok(dollars < 1, String(dollars))
})
