import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { pino } from 'pino'
import { readSpooled, SpoolEntry, spooledIn } from '../../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../../handoff/spool-record.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { StoreError } from '../../../storage/errors.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'

const SILENT = pino({ enabled: false })

const FOLDER = 'shop/web/app/20261121T000000Z-web-7-0123456789ab'

const RECORD: SpoolRecord = {
  id: '0123456789ab',
  writer: null,
  folder: FOLDER,
  report: { schema: 'coredog.io/report/v1', id: '0123456789ab' },
  sealed: false,
  corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
  core: { key: `${FOLDER}/core.gz`, partBytes: null, uploadId: null, lastPart: null, cut: null },
  told: false,
}

it('finishCrash() rejects with the words and the hint that the handler would have had, also of an answer without any', async t => {
  // As a proxy answers to a HEAD: a status, and no body that could say more.
  const faultOf = ({ method }: { readonly method: string }) =>
    method === 'HEAD' ? faults.say(400, '') : null
  const s3 = await startFakeS3({ faultOf })
  t.after(() => s3[Symbol.asyncDispose]())
  const dir = path.join(temporaryFolder(t), 'spool')
  const allowance = {
    dir,
    maxBytes: 2 ** 30,
    keepFree: 0,
    perNamespace: 1,
    salvageBytes: 0,
    onFull: () => undefined,
    onSpent: () => undefined,
  }
  await SpoolEntry.begin(RECORD, allowance)
  const [folder = ''] = await spooledIn(dir)
  const spooled = (await readSpooled(folder)) ?? assert.fail()
  await assert.rejects(
    finishCrash(spooled, { log: SILENT, store: s3StoreOf(s3), tell: async () => undefined }),
    error => {
      assert.ok(error instanceof StoreError)
      assert.equal(
        error.message,
        `Cannot put "s3://cores/corefiles/${FOLDER}/core.gz": HTTP 400: no reason given`,
      )
      assert.match(error.hint, /S3Endpoint/)
      return true
    },
  )
})
