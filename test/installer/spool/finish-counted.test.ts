import assert from 'node:assert/strict'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { CrashReport } from '../../../crash/report.ts'
import type { GroupNote } from '../../../handoff/group-note.ts'
import { GroupNotes } from '../../../handoff/group-notes.ts'
import { readSpooled, spooledIn, writeSpoolRecord } from '../../../handoff/spool-entry.ts'
import { countNotes } from '../../../installer/groups/count-notes.ts'
import { GroupTotals } from '../../../installer/groups/group-totals.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const NOW = new Date('2026-11-21T00:00:10Z')
const ID = '0123456789ab'
const GROUP = `_groups/prod/shop/Pod.web/${'0'.repeat(32)}`
const FOLDER = `shop/web/app/20261121T000000Z-web-7-${ID}`
const REPORT = {
  ...{ schema: 'coredog.io/report/v1', id: ID, time: '2026-11-21T00:00:00.000Z', countedIn: GROUP },
  ...{ pod: { namespace: 'shop', name: 'web' }, container: { name: 'app', image: 'web:1' } },
} as const
const BY_HANDLER: GroupNote = {
  group: GROUP,
  id: ID,
  time: new Date(REPORT.time),
  pod: 'web',
  image: 'web:1',
}

/** A node on which a handler was killed, whose record said `report`. */
async function nodeWith(t: TestContext, report: object = REPORT) {
  const [spool, state, bucket] = [temporaryFolder(t), temporaryFolder(t), temporaryFolder(t)]
  const folder = path.join(spool, ID)
  await writeSpoolRecord(folder, {
    ...{ id: ID, writer: null, core: null, told: true, sealed: true, folder: FOLDER },
    report: report as CrashReport,
    corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
  })
  const notes = new GroupNotes(state)
  const finish = async (store = storeIn(bucket)) =>
    await finishCrash((await readSpooled(folder)) ?? assert.fail('it is finished'), {
      ...{ log: pino({ enabled: false }), store, tell: async () => undefined },
      count: note => notes.add(note),
    })
  const totals = async () => {
    const read = await GroupTotals.read(path.join(state, 'totals.json'))
    for (let round = 0; round < 3; round += 1) await countNotes(notes, read, NOW)
    return read.get(GROUP)
  }
  return { folder, notes, finish, totals, left: () => spooledIn(spool) }
}

it('finishCrash() has a crash counted whose handler was killed', async t => {
  const { finish, totals, left } = await nodeWith(t)
  await finish()
  assert.deepEqual(await left(), [])
  const { crashes, podNames, images, folder, first } = (await totals()) ?? assert.fail()
  assert.deepEqual([crashes, podNames, images, folder], [1, ['web'], ['web:1'], FOLDER])
  assert.deepEqual(first, new Date(REPORT.time))
})

it('finishCrash() counts no crash twice: not that of its handler, nor after a kill, nor while the store is away', async t => {
  const { folder, notes, finish, totals } = await nodeWith(t)
  await notes.add(BY_HANDLER)
  const away = Object.assign(storeIn(temporaryFolder(t)), { put: () => Promise.reject(new Error('503')) })
  for (let time = 0; time < 3; time += 1) await assert.rejects(finish(away), /503/)
  assert.equal((await readSpooled(folder))?.record.counted, true)
  // Killed before it could write that down.
  await notes.add(BY_HANDLER)
  assert.equal((await totals())?.crashes, 1)
  await finish()
  assert.equal((await totals())?.crashes, 1)
})

it('finishCrash() counts none of which it is not known of what group it is', async t => {
  for (const countedIn of [undefined, '', '_groups/prod', `${GROUP}/seen`, `../${GROUP}`]) {
    const { finish, notes } = await nodeWith(t, { ...REPORT, countedIn })
    await finish()
    await notes.take(1)
    assert.deepEqual(await notes.taken(), [])
  }
})

it('finishCrash() goes on where it cannot be counted', async t => {
  const { notes, finish, left } = await nodeWith(t)
  notes.add = () => Promise.reject(new Error('ENOSPC'))
  await finish()
  assert.deepEqual(await left(), [])
})
