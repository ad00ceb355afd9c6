import assert from 'node:assert/strict'
import { readdirSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { abortAbandoned } from '../../../installer/upkeep/abandoned-uploads.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const FOUR_DAYS_AGO = new Date('2026-11-17T00:00:00Z')
const TWO_DAYS_AGO = new Date('2026-11-19T00:00:00Z')
const FOLDER = 'shop/web-0/app/20261117T000000Z-app-1-0123456789ab'
const { signal } = new AbortController()
const NOT_IN_USE: ReadonlySet<string> = new Set()

it('abortAbandoned() removes our old uploads, from every page, and nobody else’s', async t => {
  await using s3 = await startFakeS3({ pageSize: 2 })
  const bucket = s3.bucket()
  const begin = (key: string, initiated: Date) => {
    const upload = bucket.begin(key, 'application/octet-stream')
    upload.initiated = initiated
    return upload.uploadId
  }
  for (const suffix of ['', '.gz', '.zst']) begin(`corefiles/${FOLDER}/core${suffix}`, FOUR_DAYS_AGO)
  begin('corefiles/_host/node-1/20261117T000000Z-app-1-0123456789ab/core.gz', FOUR_DAYS_AGO)
  begin(`corefiles/_binaries/eu-1/shop/c0ffee/${'ab'.repeat(32)}`, FOUR_DAYS_AGO)
  begin('corefiles/_index/daily/crashes/cluster=eu-1/date=2026-11-16/crashes.ndjson.gz', FOUR_DAYS_AGO)
  const inUse = begin(`corefiles/${FOLDER}/core.gz`, FOUR_DAYS_AGO)
  const staying = [
    inUse,
    begin(`corefiles/${FOLDER}/core.gz`, TWO_DAYS_AGO),
    begin(`corefiles/${FOLDER}/core.gz.bak`, FOUR_DAYS_AGO),
    begin('corefiles/shop/backup/core.gz', FOUR_DAYS_AGO),
    begin('corefiles/_binaries/eu-1/shop/c0ffee/backup', FOUR_DAYS_AGO),
    begin(`elsewhere/${FOLDER}/core.gz`, FOUR_DAYS_AGO),
  ]
  const { log, lines } = openLogLines()
  await abortAbandoned(s3StoreOf(s3), { inUse: new Set([inUse]), now: NOW, signal, log })
  t.diagnostic(`${s3.seen('ListMultipartUploads').length} pages`)
  assert.deepEqual([...bucket.uploads.keys()].toSorted(), staying.toSorted())
  assert.equal(lines.length, 6)
  assert.deepEqual(
    [lines[0]?.msg, lines[0]?.touchedAt],
    ['abandoned upload removed', FOUR_DAYS_AGO.toISOString()],
  )
  assert.match(String(lines[0]?.url), /^s3:\/\/cores\/corefiles\/_binaries\/eu-1\//)
})

it('abortAbandoned() says what the store refuses', async () => {
  await using s3 = await startFakeS3()
  s3.fail('ListMultipartUploads', faults.refuse(403, 'AccessDenied'))
  const { log } = openLogLines()
  await assert.rejects(
    abortAbandoned(s3StoreOf(s3), { inUse: NOT_IN_USE, now: NOW, signal, log }),
    /^StoreError: Cannot list "s3:\/\/cores\/corefiles\/"/,
  )
})

it('abortAbandoned() removes unfinished files from a mounted file system, and the folder of their crash', async t => {
  const mountPath = temporaryFolder(t)
  const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: 'corefiles' })
  const old = await store.object(`${FOLDER}/core.gz`, 8).begin()
  const young = await store.object('shop/web-0/app/20261117T000000Z-app-2-0123456789ab/core.gz', 8).begin()
  utimesSync(path.join(mountPath, 'corefiles', FOLDER, old.id), FOUR_DAYS_AGO, FOUR_DAYS_AGO)
  const { log } = openLogLines()
  await abortAbandoned(store, { inUse: NOT_IN_USE, now: NOW, signal, log })
  assert.deepEqual(readdirSync(path.join(mountPath, 'corefiles/shop/web-0/app'), { recursive: true }), [
    '20261117T000000Z-app-2-0123456789ab',
    `20261117T000000Z-app-2-0123456789ab/${young.id}`,
  ])
})
