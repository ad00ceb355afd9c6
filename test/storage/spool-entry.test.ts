import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { readSpooled, SpoolEntry } from '../../storage/spool-entry.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const ID = '0123456789ab'

it('SpoolEntry leaves the newest record, whatever is written side by side', async t => {
  const dir = temporaryFolder(t)
  const report = { schema: 'coredog.io/report/v1', id: ID } as const
  const core = { key: 'x/core.gz', partBytes: null, uploadId: null, lastPart: null, cut: null }
  const record = {
    id: ID,
    writer: null,
    folder: 'x',
    report,
    sealed: false,
    corefilePath: '',
    core,
    told: false,
  }
  const allowance = {
    dir,
    maxBytes: 1,
    keepFree: 0,
    salvageBytes: 0,
    onFull: () => undefined,
    onSpent: () => undefined,
  }
  for (let round = 0; round < 30; round += 1) {
    const entry = await SpoolEntry.begin(record, allowance)
    await Promise.all([
      entry.seal({ ...report, suppressed: round }),
      entry.begun({ uploadId: `upload-${round}`, partBytes: 1 }),
      entry.end(round),
    ])
    const spooled = await readSpooled(path.join(dir, ID))
    assert.deepEqual(spooled?.record, {
      ...record,
      report: { ...report, suppressed: round },
      sealed: true,
      core: { ...core, uploadId: `upload-${round}`, partBytes: 1, lastPart: round },
    })
  }
})
