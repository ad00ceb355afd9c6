import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { ReportCore } from '../../../crash/report.ts'
import { encodePlace } from '../../../groups/place-record.ts'
import { readSpooled, SpoolEntry, spooledIn } from '../../../handoff/spool-entry.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { withdrawCrash } from '../../../installer/spool/withdrawn-crash.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { all } from '../../storage/bodies.ts'

const ID = '0123456789ab'
const PLACE = `_groups/_none/shop/Pod.web/${'0'.repeat(32)}/kept/1763700000.000000-0`
const FOLDER = `shop/web/app/20261121T000000Z-web-7-${ID}`

interface Left {
  readonly places: readonly string[]
  /** Groups that the node is to ask about again. */
  readonly forgotten: readonly string[]
}

/** What is left once a crash of which the report says `core` is finished. */
async function leftAfter(t: TestContext, core: ReportCore, holder = ID): Promise<Left> {
  const dir = path.join(temporaryFolder(t), 'spool')
  const record = {
    ...{ id: ID, writer: null, core: null, told: true, sealed: true, place: PLACE, folder: FOLDER },
    report: { schema: 'coredog.io/report/v1', id: ID, core },
    corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
  } as const
  const entry = await SpoolEntry.begin(record, {
    ...{ dir, maxBytes: 2 ** 30, keepFree: 0, perNamespace: 1, salvageBytes: 0 },
    ...{ onFull: () => undefined, onSpent: () => undefined },
  })
  await entry.leave()
  const store = storeIn(temporaryFolder(t))
  const body = encodePlace({ id: holder, node: 'node-1', time: '', core: `${FOLDER}/core.gz` })
  await store.putIfNew(PLACE, body, new AbortController().signal)
  const [folder = ''] = await spooledIn(dir)
  const forgotten: string[] = []
  const forgetWindow = async (group: string) => void forgotten.push(group)
  const world = { log: pino({ enabled: false }), store, forgetWindow, tell: async () => undefined }
  await finishCrash((await readSpooled(folder)) ?? assert.fail(), world)
  return { places: (await all(store.list('_groups/'))).map(({ key }) => key), forgotten }
}

it('finishCrash() gives back the place of a core that is lost, or not whole, and of no other', async t => {
  const key = `${FOLDER}/core.gz`
  const places = async (core: ReportCore, holder?: string) => (await leftAfter(t, core, holder)).places
  assert.deepEqual(await places({ complete: false, incompleteReason: 'it is lost' }), [])
  assert.deepEqual(await places({ key, complete: false, incompleteReason: 'it was cut' }), [])
  assert.deepEqual(await places({ key, complete: true }), [PLACE])
  assert.deepEqual(await places({ complete: false }, 'ffffffffffff'), [PLACE])
})

it('finishCrash() has the node ask again for the place of a core of which nothing is kept', async t => {
  assert.deepEqual((await leftAfter(t, { complete: false })).forgotten, [PLACE.replace(/\/kept\/.*/, '')])
  const key = `${FOLDER}/core.gz`
  assert.deepEqual((await leftAfter(t, { key, complete: false })).forgotten, [])
  assert.deepEqual((await leftAfter(t, { key, complete: true })).forgotten, [])
})

it('withdrawCrash() finds the place of a crash whose handler was killed', async t => {
  const folder = path.join(temporaryFolder(t), 'dedupe')
  mkdirSync(folder)
  const file = path.join(folder, 'a'.repeat(32))
  // One that was asked for, and the one that its cluster had for it later.
  const places = `place ${ID} ${PLACE.replace(/0$/, '1')}\nplace ${ID} ${PLACE}\n`
  writeFileSync(file, `version 1\n2026-11-21T00:00:00.000Z ${ID}\n${places}`)
  assert.equal(await withdrawCrash(folder, ID), PLACE)
  assert.equal(await withdrawCrash(folder, 'ffffffffffff'), null)
  assert.match(readFileSync(file, 'utf8'), new RegExp(`\nwithdrawn ${ID}\n$`))
})
