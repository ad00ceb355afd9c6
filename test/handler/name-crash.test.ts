import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { indexedFolder, parseIndexKey } from '../../crash/index-entry.ts'
import { type CrashReport, REPORT_SCHEMA } from '../../crash/report.ts'
import type { Spooling } from '../../handler/spooling.ts'
import { storeReport } from '../../handler/store-report.ts'
import { StoreError } from '../../storage/errors.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import { MemorySink } from '../fakes/memory-sink.ts'

const FOLDER = 'shop/web-0/app/20261121T042117Z-my_app-4242-3f2a9c01d4e5'
const REPORT: CrashReport = {
  schema: REPORT_SCHEMA,
  id: '3f2a9c01d4e5',
  // Somebody else's word: the folder says whose it is.
  pod: { namespace: 'kube-system', name: 'other', uid: '6f0c2d4e-6c50-4a5e-9a53-0a4b0a3c9d11' },
  node: { cluster: 'other' },
  signal: { number: 11 },
  crash: { group: 'v2:00ff12ab' },
  core: { key: `${FOLDER}/core.gz`, storedBytes: 1234 },
}

/** A store that says in which order it is written to, and fails for names of the index as it is told to. */
class OrderedSink extends MemorySink {
  readonly order: string[] = []
  readonly #failure: (() => Error) | null

  constructor(failure: (() => Error) | null = null) {
    super()
    this.#failure = failure
  }

  override async put(key: string, body: Bytes) {
    this.order.push(key)
    if (this.#failure !== null && key.startsWith('_index/')) throw this.#failure()
    return super.put(key, body)
  }
}

function storing(sink: MemorySink) {
  const lines: Record<string, unknown>[] = []
  const left: CrashReport[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const leave = async ({ report }: { report: CrashReport }) => left.push(report) > 0
  const spool = async () => ({ leave }) as unknown as Spooling
  const node = { name: 'node-1', kernel: '6.1', cluster: 'prod' }
  const reported = { report: REPORT, kept: null, told: false }
  const done = storeReport(reported, FOLDER, spool, { sink, log, node })
  return { done, left, lines }
}

const refusal = (status: number) => () =>
  new StoreError('put', 'x', Object.assign(new Error('no'), { $metadata: { httpStatusCode: status } }))

it('a crash is in the index by time and by namespace before it has a report, as its folder says', async () => {
  const sink = new OrderedSink()
  assert.equal((await storing(sink).done).isStored, true)
  assert.equal(sink.order.at(-1), `${FOLDER}/report.json`)
  const entries = sink.order.slice(0, 2).map(key => parseIndexKey(key) ?? assert.fail(key))
  for (const entry of entries) {
    assert.equal(indexedFolder(entry), FOLDER)
    assert.deepEqual([entry.cluster, entry.namespace, entry.pod], ['prod', 'shop', 'web-0'])
    assert.deepEqual([entry.signal, entry.storedBytes, entry.group], [11, 1234, 'v2:00ff12ab'])
    assert.equal(entry.podUid, REPORT.pod?.uid)
  }
  assert.ok([...sink.names.values()].every(bytes => bytes.length === 0))
})

it('a store that never takes names takes the report all the same, and the log says so', async () => {
  const sink = new OrderedSink(refusal(403))
  const { done, left, lines } = storing(sink)
  assert.equal((await done).isStored, true)
  assert.ok(sink.objects.has(`${FOLDER}/report.json`))
  assert.deepEqual([left.length, lines.map(({ msg }) => msg)], [0, ['crash not in the index']])
  assert.match(
    `${lines[0]?.hint}`,
    /\. Once the store takes names below _index\/, `coredog-handler reindex` puts/,
  )
})

it('a crash that the index does not take for a while is left to the installer', async () => {
  const sink = new OrderedSink(refusal(503))
  const { done, left, lines } = storing(sink)
  assert.equal((await done).isStored, false)
  assert.equal(sink.objects.size, 0)
  assert.deepEqual([left, lines.map(({ msg }) => msg)], [[REPORT], ['report goes to the spool']])
})
