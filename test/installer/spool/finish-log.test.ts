import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { CrashReport } from '../../../crash/report.ts'
import { readSpooled, SpoolEntry, spooledIn } from '../../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../../handoff/spool-record.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const SILENT = pino({ enabled: false })

const FOLDER = 'shop/web/app/20261121T000000Z-web-7-0123456789ab'
const TEXT = '2026-01-01T00:00:00Z stderr panic: no cart\n'
const PLACE = { key: `corefiles/${FOLDER}/log.txt`, url: 'file:///log.txt', lines: 1, sizeBytes: TEXT.length }

const RECORD: SpoolRecord = {
  id: '0123456789ab',
  writer: null,
  folder: FOLDER,
  report: { schema: 'coredog.io/report/v1', id: '0123456789ab' },
  sealed: false,
  corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
  core: null,
  told: true,
}

/** A crash in the spool of which only log and report are missing in the store. */
async function spooledWithLog(test: TestContext, maxBytes = 2 ** 30) {
  const dir = path.join(temporaryFolder(test), 'spool')
  const entry = await SpoolEntry.begin(RECORD, {
    ...{ dir, maxBytes, keepFree: 0, perNamespace: 1, salvageBytes: 0 },
    ...{ onFull: () => undefined, onSpent: () => undefined },
  })
  await entry.keepLog({ text: TEXT, place: PLACE })
  await entry.leave()
  const [folder = ''] = await spooledIn(dir)
  return (await readSpooled(folder)) ?? assert.fail()
}

function storeAt(mountPath: string): FileStore {
  return new FileStore({ protocol: 'cfs', mountPath, storeDir: '' })
}

it('finishCrash() stores the log that lies beside a record, and the report says where', async t => {
  const mountPath = temporaryFolder(t)
  const spooled = await spooledWithLog(t)
  const report = await finishCrash(spooled, {
    log: SILENT,
    store: storeAt(mountPath),
    tell: () => assert.fail('it was told'),
  })
  assert.deepEqual(report.log, PLACE)
  const at = (name: string) => readFileSync(path.join(mountPath, FOLDER, name), 'utf8')
  assert.equal(at('log.txt'), TEXT)
  assert.deepEqual((JSON.parse(at('report.json')) as CrashReport).log, PLACE)
  assert.deepEqual(readdirSync(path.dirname(spooled.folder)), [])
})

it('finishCrash() hands the text of the log to who tells', async t => {
  const spooled = await spooledWithLog(t)
  const told: (string | null)[] = []
  const untold = { ...spooled, record: { ...spooled.record, told: false } }
  const tell = async (_: unknown, log: string | null) => void told.push(log)
  await finishCrash(untold, { log: SILENT, store: storeAt(temporaryFolder(t)), tell })
  assert.deepEqual(told, [TEXT])
})

it('finishCrash() stores the report although the store takes no log, which it does not name then', async t => {
  const mountPath = temporaryFolder(t)
  const store = storeAt(mountPath)
  const refusing: ObjectStore = Object.assign(Object.create(store), {
    put: (key: string, ...rest: [Uint8Array[], number]) =>
      key.endsWith('log.txt') ? Promise.reject(new Error('403')) : store.put(key, ...rest),
  })
  const report = await finishCrash(await spooledWithLog(t), {
    log: SILENT,
    store: refusing,
    tell: async () => undefined,
  })
  assert.equal(report.log, undefined)
  assert.deepEqual(readdirSync(path.join(mountPath, FOLDER)), ['report.json'])
})

it('finishCrash() does without a log that is not there, or is larger than any', async t => {
  for (const text of [null, 'x'.repeat(2 ** 20 + 1)]) {
    const mountPath = temporaryFolder(t)
    const spooled = await spooledWithLog(t, text === null ? 10 : undefined)
    if (text !== null) writeFileSync(path.join(spooled.folder, 'log.txt'), text)
    const report = await finishCrash(spooled, {
      log: SILENT,
      store: storeAt(mountPath),
      tell: async () => undefined,
    })
    assert.equal(report.log, undefined)
    assert.deepEqual(readdirSync(path.join(mountPath, FOLDER)), ['report.json'])
  }
})
