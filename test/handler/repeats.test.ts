import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { type Repeats, repeatsIn } from '../../handler/repeats.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const CASE = ['shop', 'app', '57b469349bba6c56']
const ID = 'ab12cd34ef56'
const START = Date.parse('2026-11-21T05:00:00Z')

function repeats(
  test: TestContext,
  keep = 1,
  folder = temporaryFolder(test),
): {
  folder: string
  admit: (second: number, what?: string[], id?: string) => ReturnType<Repeats['admit']>
} {
  const counted = repeatsIn(folder, { windowSeconds: 300, keep, scope: 'node' })
  const admit = (second: number, what = CASE, id = randomBytes(6).toString('hex')) =>
    counted.admit(what, { time: new Date(START + second * 1000), id })
  return { folder, admit }
}

it('admit() keeps the first crash of a case, and says since when of the others', async t => {
  const { admit } = repeats(t)
  assert.deepEqual(await admit(0), { keep: true, suppressed: 0 })
  assert.deepEqual(await admit(1), { keep: false, since: new Date(START) })
  assert.deepEqual(await admit(299), { keep: false, since: new Date(START) })
})

it('admit() keeps one again when the case is over, and says how many were not', async t => {
  const { admit } = repeats(t)
  for (const second of [0, 1, 2, 3]) await admit(second)
  assert.deepEqual(await admit(300), { keep: true, suppressed: 3 })
  assert.deepEqual(await admit(301), { keep: false, since: new Date(START + 300_000) })
  assert.deepEqual(await admit(700), { keep: true, suppressed: 1 })
})

it('admit() keeps as many as it is told to', async t => {
  const { admit } = repeats(t, 2)
  const kept = [await admit(0), await admit(1), await admit(2)].map(({ keep }) => keep)
  assert.deepEqual(kept, [true, true, false])
})

it('forget() begins the case anew', async t => {
  const folder = temporaryFolder(t)
  const { admit } = repeats(t, 1, folder)
  await admit(0)
  await repeatsIn(folder, { windowSeconds: 300, keep: 1, scope: 'node' }).forget(CASE)
  assert.equal((await admit(1)).keep, true)
})

it('admit() does not take one case for another', async t => {
  const { admit } = repeats(t)
  await admit(0)
  assert.equal((await admit(1, ['prod', 'app', '57b469349bba6c56'])).keep, true)
})

it('admit() keeps exactly one of many that come at once', async t => {
  const { admit } = repeats(t)
  const admitted = await Promise.all(Array.from({ length: 50 }, () => admit(0)))
  assert.equal(admitted.filter(({ keep }) => keep).length, 1)
})

it('admit() goes on from a line that a kill cut short, and from damage', async t => {
  const { folder, admit } = repeats(t)
  await admit(0)
  const [file = ''] = readdirSync(folder)
  writeFileSync(path.join(folder, file), '2026-11-21T05:00:00.000Z 01234\nnonsense\n')
  assert.equal((await admit(1)).keep, true)
})

it('admit() keeps everything when it is off, and writes nothing', async t => {
  const folder = path.join(temporaryFolder(t), 'not-made')
  const off = repeatsIn(folder, { windowSeconds: 0, keep: 1, scope: 'node' })
  assert.deepEqual(await off.admit(CASE, { time: new Date(), id: ID }), { keep: true, suppressed: 0 })
  assert.throws(() => readdirSync(folder), { code: 'ENOENT' })
})

it('admit() lets no file grow for ever, and removes those of cases that are over', async t => {
  const { folder, admit } = repeats(t)
  await admit(0, ['old'])
  const [old = ''] = readdirSync(folder)
  utimesSync(path.join(folder, old), START / 1000, START / 1000)
  for (let second = 0; second < 100; second += 1) await admit(second)
  await admit(1000)
  const files = readdirSync(folder)
  assert.deepEqual([files.length, files.includes(old)], [1, false])
  assert.ok(statSync(path.join(folder, files[0] ?? '')).size < 100)
})

it('admit() says of a crash that comes again what it said at first, and counts it once', async t => {
  const { admit } = repeats(t)
  await admit(0, CASE, ID)
  await admit(1)
  assert.deepEqual(await admit(0, CASE, ID), { keep: true, suppressed: 0 })
  assert.deepEqual(await admit(300), { keep: true, suppressed: 1 })
})
