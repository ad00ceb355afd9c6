import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import type { CoreLocation } from '../../../crash/core-location.ts'
import type { Groups } from '../../../handler/deduplicate/groups.ts'
import { type Repeats, repeatsIn, type Verdict } from '../../../handler/deduplicate/repeats.ts'
import { parseSuppressed } from '../../../handoff/suppressed.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { sampleNotification } from '../../notify/sample-notification.ts'

const WEB = ['pod', 'shop', 'Deployment', 'web']
const CASE: Groups = { workload: WEB, case: [...WEB, 'app', '57b469349bba6c56'] }
const UNSIGNED: Groups = { workload: WEB, case: null }
const ID = 'ab12cd34ef56'
const START = Date.parse('2026-11-21T05:00:00Z')
const HOUR = 3600

interface Counting {
  readonly folder: string
  readonly repeats: Repeats
  readonly admit: (second: number, groups?: Groups, id?: string) => Promise<Verdict>
}

function counting(
  test: TestContext,
  yaml = 'limits: {perWorkload: 0}',
  folder = temporaryFolder(test),
): Counting {
  const repeats = repeatsIn(
    folder,
    parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`).config,
  )
  const admit = async (second: number, groups = CASE, id = randomBytes(6).toString('hex')) =>
    butForCore(await repeats.admit(groups, { ...at(second, id), core: coreOf(id) }))
  return { folder, repeats, admit }
}

function at(second: number, id = ID) {
  return { time: new Date(START + second * 1000), id }
}

function coreOf(id: string): CoreLocation {
  return { key: `shop/web-1/app/${id}/core.gz`, url: `s3://cores/shop/web-1/app/${id}/core.gz` }
}

/** What a refusal says beside where the last one is that was kept. */
function butForCore(verdict: Verdict): Verdict {
  if (verdict.keep) return verdict
  const { core: _, ...rest } = verdict
  return rest
}

function signed(signature: string): Groups {
  return { workload: WEB, case: [...WEB, 'app', signature] }
}

const KEPT: Verdict = { keep: true, suppressed: 0 }
const again = (second: number, keeps = 1): Verdict => ({
  keep: false,
  by: 'dedupe',
  keeps,
  since: at(second).time,
})
const over = (second: number, keeps: number): Verdict => ({
  keep: false,
  by: 'perWorkload',
  keeps,
  since: at(second).time,
})

it('admit() keeps the first crash of a case, and says since when of the others', async t => {
  const { admit } = counting(t)
  assert.deepEqual(await admit(0), KEPT)
  assert.deepEqual(await admit(1), again(0))
  assert.deepEqual(await admit(299), again(0))
})

it('admit() keeps one again when the case is over, and says how many were not', async t => {
  const { admit } = counting(t)
  for (const second of [0, 1, 2, 3]) await admit(second)
  assert.deepEqual(await admit(300), { keep: true, suppressed: 3 })
  assert.deepEqual(await admit(301), again(300))
  assert.deepEqual(await admit(700), { keep: true, suppressed: 1 })
})

it('admit() keeps as many as it is told to', async t => {
  const { admit } = counting(t, 'dedupe: {keep: 2}')
  const kept = [await admit(0), await admit(1), await admit(2)].map(({ keep }) => keep)
  assert.deepEqual(kept, [true, true, false])
})

it('admit() keeps every core that has no signature, up to the limit of its workload in an hour', async t => {
  const { admit } = counting(t, 'limits: {perWorkload: 3}')
  for (const second of [0, 1, 2]) assert.deepEqual(await admit(second, UNSIGNED), KEPT)
  assert.deepEqual(await admit(3, UNSIGNED), over(0, 3))
  assert.deepEqual(await admit(HOUR - 1, UNSIGNED), over(0, 3))
  assert.deepEqual(await admit(HOUR, UNSIGNED), { keep: true, suppressed: 2 })
})

it('admit() bounds a crasher that is another case each time, and leaves no file of what it refuses', async t => {
  const { admit, folder } = counting(t, 'limits: {perWorkload: 2}')
  assert.deepEqual(await admit(0, signed('a')), KEPT)
  assert.deepEqual(await admit(1, signed('b')), KEPT)
  for (let second = 2; second < 10; second += 1) {
    assert.deepEqual(await admit(second, signed(`c${second}`)), over(0, 2))
  }
  assert.equal(readdirSync(folder).length, 3)
})

it('admit() counts what one case holds already not against its workload', async t => {
  const { admit } = counting(t, 'limits: {perWorkload: 2}')
  await admit(0)
  for (let second = 1; second < 10; second += 1) assert.deepEqual(await admit(second), again(0))
  assert.deepEqual(await admit(10, signed('other')), KEPT)
})

it('admit() loses no count of a case when the workload has had enough', async t => {
  const { admit } = counting(t, 'limits: {perWorkload: 1}')
  await admit(0)
  await admit(1)
  await admit(2)
  assert.deepEqual(await admit(300), over(0, 1))
  assert.deepEqual(await admit(HOUR), { keep: true, suppressed: 3 })
})

it('admit() does not take one workload for another', async t => {
  const { admit } = counting(t, 'limits: {perWorkload: 1}')
  await admit(0, UNSIGNED)
  assert.deepEqual(await admit(1, { workload: ['pod', 'shop', 'Pod', 'web'], case: null }), KEPT)
})

it('withdraw() keeps the next one in the place of one that was lost', async t => {
  const { admit, repeats } = counting(t, 'limits: {perWorkload: 1}')
  await admit(0, CASE, ID)
  await admit(1)
  await repeats.withdraw(CASE, at(0), ['dedupe', 'perWorkload'])
  assert.deepEqual(await admit(2), { keep: true, suppressed: 1 })
  assert.deepEqual(await admit(3), again(0))
})

it('withdraw() of a part only leaves it counted against its workload', async t => {
  const { admit, repeats } = counting(t, 'limits: {perWorkload: 1}')
  await admit(0, CASE, ID)
  await repeats.withdraw(CASE, at(0), ['dedupe'])
  assert.deepEqual(await admit(1), over(0, 1))
})

it('leave() writes down the last crash and by which rule it was not kept', async t => {
  const { repeats, folder } = counting(t)
  await repeats.leave(CASE, 'dedupe', sampleNotification({ outcome: 'suppressed' }))
  const [name = ''] = readdirSync(folder)
  const word = parseSuppressed(readFileSync(path.join(folder, name), 'utf8'))
  assert.deepEqual([word?.notice.outcome, word?.rule], ['suppressed', { windowSeconds: 300, keep: 1 }])
})

it('admit() keeps exactly one of many that come at once', async t => {
  const { admit } = counting(t)
  const admitted = await Promise.all(Array.from({ length: 50 }, () => admit(0)))
  assert.equal(admitted.filter(({ keep }) => keep).length, 1)
})

it('admit() keeps exactly as many of a workload as it may when they come at once', async t => {
  const { admit } = counting(t, 'limits: {perWorkload: 20}')
  const admitted = await Promise.all(Array.from({ length: 50 }, () => admit(0, UNSIGNED)))
  assert.equal(admitted.filter(({ keep }) => keep).length, 20)
})

it('admit() goes on from a line that a kill cut short, and from damage', async t => {
  const { folder, admit } = counting(t)
  await admit(0)
  const [file = ''] = readdirSync(folder)
  writeFileSync(path.join(folder, file), '2026-11-21T05:00:00.000Z 01234\nnonsense\n')
  assert.equal((await admit(1)).keep, true)
})

it('admit() keeps everything when both limits are off, and writes nothing', async t => {
  const folder = path.join(temporaryFolder(t), 'not-made')
  const off = counting(t, 'dedupe: {window: 0}\nlimits: {perWorkload: 0}', folder)
  assert.deepEqual(await off.admit(0), KEPT)
  assert.throws(() => readdirSync(folder), { code: 'ENOENT' })
})

it('admit() lets no file grow for ever, and removes those of cases that are long over', async t => {
  const { folder, admit } = counting(t)
  await admit(0, signed('old'))
  const [old = ''] = readdirSync(folder)
  const dayBefore = (START - 25 * HOUR * 1000) / 1000
  utimesSync(path.join(folder, old), dayBefore, dayBefore)
  for (let second = 0; second < 100; second += 1) await admit(second)
  await admit(1000)
  const files = readdirSync(folder)
  assert.deepEqual([files.length, files.includes(old)], [1, false])
  assert.ok(statSync(path.join(folder, files[0] ?? '')).size < 200)
})

it('admit() says of a crash that it refuses where the last one is that was kept', async t => {
  const { repeats } = counting(t, 'dedupe: {keep: 2}')
  const admit = async (second: number, id: string, groups = CASE) => {
    const verdict = await repeats.admit(groups, { ...at(second, id), core: coreOf(id) })
    return verdict.keep ? 'kept' : verdict.core
  }
  const [first, second, third] = ['a', 'b', 'c'].map(digit => digit.repeat(12)) as [string, string, string]
  assert.deepEqual([await admit(0, first), await admit(1, second)], ['kept', 'kept'])
  assert.deepEqual(await admit(2, third), coreOf(second))
  // Its core was lost after all: the next one is kept, and is the last from then on.
  await repeats.withdraw(CASE, at(1, second), ['dedupe'])
  assert.deepEqual(await admit(3, 'd'.repeat(12)), 'kept')
  assert.deepEqual(await admit(4, 'e'.repeat(12)), coreOf('d'.repeat(12)))
})

it('admit() names in a new time no core of the one before, nor one that was refused', async t => {
  const { repeats } = counting(t)
  const cores = new Set<string | undefined>()
  for (const second of [0, 1, 300, 301]) {
    const id = second.toString(16).padStart(12, '0')
    const verdict = await repeats.admit(CASE, { ...at(second, id), core: coreOf(id) })
    cores.add(verdict.keep ? undefined : verdict.core?.key)
  }
  const kept = [0, 300].map(second => coreOf(second.toString(16).padStart(12, '0')).key)
  assert.deepEqual([...cores], [undefined, ...kept])
})

it('admit() names the core of one of many that come at once to all the others', async t => {
  const { repeats } = counting(t)
  const verdicts = await Promise.all(
    Array.from({ length: 50 }, (_, number) => {
      const id = number.toString(16).padStart(12, '0')
      return repeats.admit(CASE, { ...at(0, id), core: coreOf(id) }).then(verdict => ({ id, verdict }))
    }),
  )
  const kept = verdicts.find(({ verdict }) => verdict.keep)?.id ?? ''
  const named = verdicts.flatMap(({ verdict }) => (verdict.keep ? [] : [verdict.core?.key]))
  assert.deepEqual([named.length, [...new Set(named)]], [49, [coreOf(kept).key]])
})

it('admit() adds nothing to a file that is full, and judges all the same', async t => {
  const { folder, admit } = counting(t)
  await admit(0)
  const file = path.join(folder, readdirSync(folder)[0] ?? '')
  writeFileSync(file, Buffer.alloc(1024 * 1024, '\n'), { flag: 'a' })
  const { size } = statSync(file)
  assert.deepEqual(await admit(1), again(0))
  assert.equal(statSync(file).size, size)
  assert.equal((await admit(300)).keep, true)
  assert.ok(statSync(file).size < 200)
})

it('admit() says of a crash that comes again what it said at first, and counts it once', async t => {
  const { admit } = counting(t)
  await admit(0, CASE, ID)
  await admit(1)
  assert.deepEqual(await admit(0, CASE, ID), KEPT)
  assert.deepEqual(await admit(300), { keep: true, suppressed: 1 })
})
