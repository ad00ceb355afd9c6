import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { writeSpoolRecord } from '../../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../../handoff/spool-record.ts'
import { removeSpoolRemains, uploadsInSpool } from '../../../installer/tidy/spool-remains.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const TWO_HOURS_AGO = new Date('2026-11-21T10:00:00Z')

function recordOf(id: string, uploadId: string | null): SpoolRecord {
  return {
    id,
    writer: null,
    folder: `shop/web-0/app/20261121T000000Z-app-1-${id}`,
    report: { schema: 'coredog.io/report/v1', id },
    sealed: true,
    corefilePath: '/corefile/core',
    core: { key: 'k', partBytes: null, uploadId, lastPart: null, cut: null },
    told: false,
  }
}

it('removeSpoolRemains() removes old folders without a record, and no crash', async t => {
  const dir = temporaryFolder(t)
  const folder = (name: string) => path.join(dir, name)
  for (const name of ['00000000000a', '00000000000b', 'notes']) {
    mkdirSync(folder(name))
    writeFileSync(path.join(folder(name), 'part-00001'), 'x')
  }
  await writeSpoolRecord(folder('00000000000c'), recordOf('00000000000c', null))
  mkdirSync(folder('00000000000d'))
  writeFileSync(path.join(folder('00000000000d'), 'record.json'), 'of another version')
  for (const name of ['00000000000a', '00000000000c', '00000000000d', 'notes'])
    utimesSync(folder(name), TWO_HOURS_AGO, TWO_HOURS_AGO)
  utimesSync(folder('00000000000b'), NOW, NOW)
  const { log, lines } = openLogLines()
  await removeSpoolRemains(dir, { now: NOW, log })
  assert.deepEqual(readdirSync(dir), ['00000000000b', '00000000000c', '00000000000d', 'notes'])
  assert.deepEqual(
    lines.map(({ msg, crash }) => [msg, crash]),
    [['remains of a spooled crash removed', '00000000000a']],
  )
})

it('removeSpoolRemains() needs no spool', async t => {
  await removeSpoolRemains(path.join(temporaryFolder(t), 'none'), { now: NOW, log: openLogLines().log })
})

it('uploadsInSpool() has the uploads that are still to be finished', async t => {
  const dir = temporaryFolder(t)
  await writeSpoolRecord(path.join(dir, '00000000000a'), recordOf('00000000000a', 'upload-7'))
  await writeSpoolRecord(path.join(dir, '00000000000b'), recordOf('00000000000b', null))
  assert.deepEqual(await uploadsInSpool(dir), new Set(['upload-7']))
})

it('uploadsInSpool() does not guess when a record cannot be read', async t => {
  const dir = temporaryFolder(t)
  mkdirSync(path.join(dir, '00000000000a'))
  writeFileSync(path.join(dir, '00000000000a', 'record.json'), '{')
  await assert.rejects(uploadsInSpool(dir), /it is no record of a crash/)
})
