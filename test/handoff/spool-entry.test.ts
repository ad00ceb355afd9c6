import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { readSpooled, SpoolEntry } from '../../handoff/spool-entry.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const ID = '0123456789ab'

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

const UNHEARD = { onFull: () => undefined, onSpent: () => undefined }

it('SpoolEntry leaves the newest record, whatever is written side by side', async t => {
  const dir = temporaryFolder(t)
  const allowance = {
    dir,
    maxBytes: 1,
    perNamespace: 1,
    keepFree: 0,
    salvageBytes: 0,
    ...UNHEARD,
  }
  for (let round = 0; round < 30; round += 1) {
    const entry = await SpoolEntry.begin(record, allowance)
    await Promise.all([
      entry.seal({ ...report, suppressed: round }),
      entry.begun({ uploadId: `upload-${round}`, partBytes: 1 }),
      entry.end(round, false),
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

it('SpoolEntry notes a place that comes late, and not what is the business of another by then', async t => {
  const dir = temporaryFolder(t)
  const allowance = { dir, maxBytes: 1, perNamespace: 1, keepFree: 0, salvageBytes: 0, ...UNHEARD }
  const entry = await SpoolEntry.begin(record, allowance)
  const placeOf = async () => (await readSpooled(path.join(dir, ID)))?.record.place
  await entry.place('first')
  assert.equal(await placeOf(), 'first')
  await entry.leave()
  await entry.place('second')
  assert.equal(await placeOf(), 'first')
  await entry.discard()
  assert.equal(await placeOf(), 'first')
  const whole = await SpoolEntry.begin(record, allowance)
  await whole.discard()
  await whole.place('third')
  assert.equal(await placeOf(), undefined)
})

it('SpoolEntry keeps salvageBytes more once there is no room, and then nothing', async t => {
  const dir = temporaryFolder(t)
  const said: string[] = []
  const entry = await SpoolEntry.begin(record, {
    dir,
    maxBytes: 10_000, // The record and two parts.
    perNamespace: 1,
    keepFree: 0,
    salvageBytes: 8192,
    onFull: () => said.push('full'),
    onSpent: () => said.push('spent'),
  })
  const saidWith: string[] = []
  for (let number = 1; number <= 6; number += 1) {
    await entry.keep(number, Buffer.alloc(4096))
    saidWith.push(said.join())
  }
  assert.deepEqual(saidWith, ['', '', 'full', 'full', 'full,spent', 'full,spent'])
  const spooled = await readSpooled(path.join(dir, ID))
  assert.deepEqual([...(spooled?.parts.keys() ?? [])].toSorted(), [1, 2, 3, 4])
  assert.match(spooled?.record.core?.cut ?? '', /no room/)
})

it('SpoolEntry keeps no more for one namespace than its share, and room for the others', async t => {
  const dir = temporaryFolder(t)
  const refused: string[] = []
  const begin = (id: string, folder: string) =>
    SpoolEntry.begin(
      { ...record, id, report: { ...report, id }, folder },
      {
        dir,
        maxBytes: 20_000,
        perNamespace: 0.5,
        keepFree: 0,
        salvageBytes: 0,
        onFull: why => refused.push(`${folder.split('/')[0]}: ${why}`),
        onSpent: () => undefined,
      },
    )
  const [first, second, neighbour] = await Promise.all([
    begin('0123456789a1', 'shop/web-0/app/x'),
    begin('0123456789a2', 'shop/web-1/app/x'),
    begin('0123456789a3', 'shop-2/web-0/app/x'),
  ])
  await first.keep(1, Buffer.alloc(7000))
  await second.keep(1, Buffer.alloc(7000))
  await neighbour.keep(1, Buffer.alloc(7000))
  assert.deepEqual(refused, ['shop: namespace'])
  const cut = (await readSpooled(path.join(dir, '0123456789a2')))?.record.core?.cut
  assert.match(cut ?? '', /^its namespace had its share of the spool/)
})
