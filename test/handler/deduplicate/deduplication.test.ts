import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import type { CoreLocation } from '../../../crash/core-location.ts'
import {
  type Deduplication,
  deduplicationIn,
  type Refused,
  type Verdict,
} from '../../../handler/deduplicate/deduplication.ts'
import type { Groups } from '../../../handler/deduplicate/groups.ts'
import { parseSuppressed } from '../../../handoff/suppressed.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { sampleNotification } from '../../notify/sample-notification.ts'

const WEB = ['pod', 'shop', 'Deployment', 'web']
const CASE: Groups = { workload: WEB, fingerprint: [...WEB, 'app', '57b469349bba6c56'] }
const UNSIGNED: Groups = { workload: WEB, fingerprint: null }
const ID = 'ab12cd34ef56'
const START = Date.parse('2026-11-21T05:00:00Z')
const HOUR = 3600

interface Counting {
  readonly folder: string
  readonly deduplication: Deduplication
  readonly deduplicate: (second: number, groups?: Groups, id?: string) => Promise<Judged>
}

function counting(
  test: TestContext,
  yaml = 'limits: {perWorkload: 0}',
  folder = temporaryFolder(test),
): Counting {
  const deduplication = deduplicationIn(
    folder,
    parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`).config,
  )
  const deduplicate = async (second: number, groups = CASE, id = randomBytes(6).toString('hex')) =>
    butForKept(await deduplication.deduplicate(groups, { ...at(second, id), core: coreOf(id) }))
  return { folder, deduplication, deduplicate }
}

function at(second: number, id = ID) {
  return { time: new Date(START + second * 1000), id }
}

function coreOf(id: string): CoreLocation {
  return { key: `shop/web-1/app/${id}/core.gz`, url: `s3://cores/shop/web-1/app/${id}/core.gz` }
}

type Judged = Exclude<Verdict, Refused> | Omit<Refused, 'kept' | 'core'>

/** What a refusal says beside which ones were kept, and where the last of them is. */
function butForKept(verdict: Verdict): Judged {
  if (verdict.keep) return verdict
  const { core: _core, kept: _, ...rest } = verdict
  return rest
}

function signed(signature: string): Groups {
  return { workload: WEB, fingerprint: [...WEB, 'app', signature] }
}

const KEPT: Judged = { keep: true, suppressed: 0 }
const again = (second: number, keeps = 1): Judged => ({
  keep: false,
  by: 'dedupe',
  keeps,
  since: at(second).time,
})
const over = (second: number, keeps: number): Judged => ({
  keep: false,
  by: 'perWorkload',
  keeps,
  since: at(second).time,
})

it('deduplicate() keeps the first crash of a group, and says since when of the others', async t => {
  const { deduplicate } = counting(t)
  assert.deepEqual(await deduplicate(0), KEPT)
  assert.deepEqual(await deduplicate(1), again(0))
  assert.deepEqual(await deduplicate(299), again(0))
})

it('deduplicate() keeps one again when the group is over, and says how many were not', async t => {
  const { deduplicate } = counting(t)
  for (const second of [0, 1, 2, 3]) await deduplicate(second)
  assert.deepEqual(await deduplicate(300), { keep: true, suppressed: 3 })
  assert.deepEqual(await deduplicate(301), again(300))
  assert.deepEqual(await deduplicate(700), { keep: true, suppressed: 1 })
})

it('deduplicate() keeps as many as it is told to', async t => {
  const { deduplicate } = counting(t, 'dedupe: {keep: 2}')
  const kept = [await deduplicate(0), await deduplicate(1), await deduplicate(2)].map(({ keep }) => keep)
  assert.deepEqual(kept, [true, true, false])
})

it('deduplicate() keeps every core that has no signature, up to the limit of its workload in an hour', async t => {
  const { deduplicate } = counting(t, 'limits: {perWorkload: 3}')
  for (const second of [0, 1, 2]) assert.deepEqual(await deduplicate(second, UNSIGNED), KEPT)
  assert.deepEqual(await deduplicate(3, UNSIGNED), over(0, 3))
  assert.deepEqual(await deduplicate(HOUR - 1, UNSIGNED), over(0, 3))
  assert.deepEqual(await deduplicate(HOUR, UNSIGNED), { keep: true, suppressed: 2 })
})

it('deduplicate() bounds a crasher that is another group each time, and leaves no file of what it refuses', async t => {
  const { deduplicate, folder } = counting(t, 'limits: {perWorkload: 2}')
  assert.deepEqual(await deduplicate(0, signed('a')), KEPT)
  assert.deepEqual(await deduplicate(1, signed('b')), KEPT)
  for (let second = 2; second < 10; second += 1) {
    assert.deepEqual(await deduplicate(second, signed(`c${second}`)), over(0, 2))
  }
  assert.equal(readdirSync(folder).length, 3)
})

it('deduplicate() counts what one group holds already not against its workload', async t => {
  const { deduplicate } = counting(t, 'limits: {perWorkload: 2}')
  await deduplicate(0)
  for (let second = 1; second < 10; second += 1) assert.deepEqual(await deduplicate(second), again(0))
  assert.deepEqual(await deduplicate(10, signed('other')), KEPT)
})

it('deduplicate() loses no count of a group when the workload has had enough', async t => {
  const { deduplicate } = counting(t, 'limits: {perWorkload: 1}')
  await deduplicate(0)
  await deduplicate(1)
  await deduplicate(2)
  assert.deepEqual(await deduplicate(300), over(0, 1))
  assert.deepEqual(await deduplicate(HOUR), { keep: true, suppressed: 3 })
})

it('deduplicate() does not take one workload for another', async t => {
  const { deduplicate } = counting(t, 'limits: {perWorkload: 1}')
  await deduplicate(0, UNSIGNED)
  assert.deepEqual(await deduplicate(1, { workload: ['pod', 'shop', 'Pod', 'web'], fingerprint: null }), KEPT)
})

it('withdraw() keeps the next one in the place of one that was lost', async t => {
  const { deduplicate, deduplication } = counting(t, 'limits: {perWorkload: 1}')
  await deduplicate(0, CASE, ID)
  await deduplicate(1)
  await deduplication.withdraw(CASE, at(0), ['dedupe', 'perWorkload'])
  assert.deepEqual(await deduplicate(2), { keep: true, suppressed: 1 })
  assert.deepEqual(await deduplicate(3), again(0))
})

it('settle() says nothing of one that was withdrawn, whose group has no file any more', async t => {
  const { folder, deduplication, deduplicate } = counting(t)
  await deduplicate(0, CASE, ID)
  await deduplication.withdraw(CASE, at(0), ['dedupe'])
  await deduplication.settle(CASE, { ...at(0), core: coreOf(ID) }, 'place')
  assert.deepEqual(readdirSync(folder), [])
})

it('withdraw() of a part only leaves it counted against its workload', async t => {
  const { deduplicate, deduplication } = counting(t, 'limits: {perWorkload: 1}')
  await deduplicate(0, CASE, ID)
  await deduplication.withdraw(CASE, at(0), ['dedupe'])
  assert.deepEqual(await deduplicate(1), over(0, 1))
})

it('leave() writes down the last crash and by which rule it was not kept', async t => {
  const { deduplication, folder } = counting(t)
  await deduplication.leave(CASE, 'dedupe', sampleNotification({ outcome: 'suppressed' }))
  const [name = ''] = readdirSync(folder)
  const word = parseSuppressed(readFileSync(path.join(folder, name), 'utf8'))
  assert.deepEqual([word?.notice.outcome, word?.rule], ['suppressed', { windowSeconds: 300, keep: 1 }])
})

it('deduplicate() keeps exactly one of many that come at once', async t => {
  const { deduplicate } = counting(t)
  const admitted = await Promise.all(Array.from({ length: 50 }, () => deduplicate(0)))
  assert.equal(admitted.filter(({ keep }) => keep).length, 1)
})

it('deduplicate() keeps exactly as many of a workload as it may when they come at once', async t => {
  const { deduplicate } = counting(t, 'limits: {perWorkload: 20}')
  const admitted = await Promise.all(Array.from({ length: 50 }, () => deduplicate(0, UNSIGNED)))
  assert.equal(admitted.filter(({ keep }) => keep).length, 20)
})

it('deduplicate() goes on from a line that a kill cut short, and from damage', async t => {
  const { folder, deduplicate } = counting(t)
  await deduplicate(0)
  const [file = ''] = readdirSync(folder)
  writeFileSync(path.join(folder, file), '2026-11-21T05:00:00.000Z 01234\nnonsense\n')
  assert.equal((await deduplicate(1)).keep, true)
})

it('deduplicate() keeps everything when both limits are off, and writes nothing', async t => {
  const folder = path.join(temporaryFolder(t), 'not-made')
  const off = counting(t, 'dedupe: {window: 0}\nlimits: {perWorkload: 0}', folder)
  assert.deepEqual(await off.deduplicate(0), KEPT)
  await off.deduplication.reported(CASE, at(0))
  assert.throws(() => readdirSync(folder), { code: 'ENOENT' })
})

it('deduplicate() lets no file grow for ever, and leaves those of quiet groups to the installer', async t => {
  const { folder, deduplicate } = counting(t)
  await deduplicate(0, signed('quiet'))
  const [quiet = ''] = readdirSync(folder)
  const longAgo = (START - 90 * 24 * HOUR * 1000) / 1000
  utimesSync(path.join(folder, quiet), longAgo, longAgo)
  for (let second = 0; second < 100; second += 1) await deduplicate(second)
  await deduplicate(1000)
  const [file = '', ...others] = readdirSync(folder).filter(name => name !== quiet)
  assert.deepEqual([others, readdirSync(folder).includes(quiet)], [[], true])
  assert.ok(statSync(path.join(folder, file)).size < 200)
})

it('deduplicate() says of a crash that it refuses where the last one is that was kept', async t => {
  const { deduplication } = counting(t, 'dedupe: {keep: 2}')
  const deduplicate = async (second: number, id: string, groups = CASE) => {
    const verdict = await deduplication.deduplicate(groups, { ...at(second, id), core: coreOf(id) })
    return verdict.keep ? 'kept' : verdict.core
  }
  const [first, second, third] = ['a', 'b', 'c'].map(digit => digit.repeat(12)) as [string, string, string]
  assert.deepEqual([await deduplicate(0, first), await deduplicate(1, second)], ['kept', 'kept'])
  assert.deepEqual(await deduplicate(2, third), coreOf(second))
  // Its core was lost after all: the next one is kept, and is the last from then on.
  await deduplication.withdraw(CASE, at(1, second), ['dedupe'])
  assert.deepEqual(await deduplicate(3, 'd'.repeat(12)), 'kept')
  assert.deepEqual(await deduplicate(4, 'e'.repeat(12)), coreOf('d'.repeat(12)))
})

it('deduplicate() names in a new time no core of the one before, nor one that was refused', async t => {
  const { deduplication } = counting(t)
  const cores = new Set<string | undefined>()
  for (const second of [0, 1, 300, 301]) {
    const id = second.toString(16).padStart(12, '0')
    const verdict = await deduplication.deduplicate(CASE, { ...at(second, id), core: coreOf(id) })
    cores.add(verdict.keep ? undefined : verdict.core?.key)
  }
  const kept = [0, 300].map(second => coreOf(second.toString(16).padStart(12, '0')).key)
  assert.deepEqual([...cores], [undefined, ...kept])
})

it('deduplicate() names the core of one of many that come at once to all the others', async t => {
  const { deduplication } = counting(t)
  const verdicts = await Promise.all(
    Array.from({ length: 50 }, (_, number) => {
      const id = number.toString(16).padStart(12, '0')
      return deduplication
        .deduplicate(CASE, { ...at(0, id), core: coreOf(id) })
        .then(verdict => ({ id, verdict }))
    }),
  )
  const kept = verdicts.find(({ verdict }) => verdict.keep)?.id ?? ''
  const named = verdicts.flatMap(({ verdict }) => (verdict.keep ? [] : [verdict.core?.key]))
  assert.deepEqual([named.length, [...new Set(named)]], [49, [coreOf(kept).key]])
})

it('deduplicate() adds nothing to a file that is full, and judges all the same', async t => {
  const { folder, deduplicate } = counting(t)
  await deduplicate(0)
  const file = path.join(folder, readdirSync(folder)[0] ?? '')
  writeFileSync(file, Buffer.alloc(1024 * 1024, '\n'), { flag: 'a' })
  const { size } = statSync(file)
  assert.deepEqual(await deduplicate(1), again(0))
  assert.equal(statSync(file).size, size)
  assert.equal((await deduplicate(300)).keep, true)
  assert.ok(statSync(file).size < 200)
})

it('deduplicate() says of a crash that comes again what it said at first, and counts it once', async t => {
  const { deduplicate } = counting(t)
  await deduplicate(0, CASE, ID)
  await deduplicate(1)
  assert.deepEqual(await deduplicate(0, CASE, ID), KEPT)
  assert.deepEqual(await deduplicate(300), { keep: true, suppressed: 1 })
})

/** What is left of each of so many crashes that come at once, or one after the other from `second` on. */
async function rememberedOf(
  deduplication: Deduplication,
  count: number,
  { groups = CASE, second = 0, atOnce = false } = {},
): Promise<string[]> {
  const one = async (number: number) => {
    const crash = { ...at(second + number / 100, randomBytes(6).toString('hex')), core: coreOf(ID) }
    const verdict = await deduplication.deduplicate(groups, crash)
    if (!verdict.keep) return deduplication.remember(groups, crash, verdict)
    await deduplication.reported(groups, crash)
    return 'core'
  }
  const numbers = Array.from({ length: count }, (_, number) => number)
  if (atOnce) return Promise.all(numbers.map(one))
  const remembered: string[] = []
  for (const number of numbers) remembered.push(await one(number))
  return remembered
}

const tally = (remembered: readonly string[]) => {
  const count = (what: string) => remembered.filter(one => one === what).length
  return { cores: count('core'), reports: count('report'), more: count('word') + count('nothing') }
}

it('remember() has exactly ten crashes of a group reported, with those of cores', async t => {
  const { deduplication } = counting(t, 'dedupe: {keep: 3}')
  assert.deepEqual(tally(await rememberedOf(deduplication, 50)), { cores: 3, reports: 7, more: 40 })
})

it('remember() has exactly ten reported of many that come at once', async t => {
  const { deduplication } = counting(t, 'dedupe: {keep: 2}')
  const remembered = await rememberedOf(deduplication, 50, { atOnce: true })
  assert.deepEqual(tally(remembered), { cores: 2, reports: 8, more: 40 })
})

it('remember() counts reports for an hour, however short the time of a group is', async t => {
  const { deduplication } = counting(t, 'dedupe: {window: 5m}')
  const later = (second: number) => rememberedOf(deduplication, 8, { second })
  assert.deepEqual(tally(await later(0)), { cores: 1, reports: 7, more: 0 })
  assert.deepEqual(tally(await later(400)), { cores: 1, reports: 1, more: 6 })
  assert.deepEqual(tally(await later(800)), { cores: 1, reports: 0, more: 7 })
  assert.deepEqual(tally(await later(HOUR)), { cores: 1, reports: 7, more: 0 })
})

it('remember() has ten crashes of a workload reported beside those whose cores were kept', async t => {
  const { deduplication } = counting(t, 'limits: {perWorkload: 20}')
  const remembered = await rememberedOf(deduplication, 50, { groups: UNSIGNED })
  assert.deepEqual(tally(remembered), { cores: 20, reports: 10, more: 20 })
})

it('remember() wants word of a crash without a report only where there is none', async t => {
  const { deduplication } = counting(t)
  const remembered = await rememberedOf(deduplication, 12)
  assert.deepEqual(remembered.slice(-2), ['word', 'word'])
  await deduplication.leave(CASE, 'dedupe', sampleNotification({ outcome: 'suppressed' }))
  assert.deepEqual(await rememberedOf(deduplication, 2), ['nothing', 'nothing'])
})

it('remember() has five crashes reported whose cores others of the cluster keep', async t => {
  const { deduplication } = counting(t)
  await deduplication.deduplicate(CASE, { ...at(0), core: coreOf(ID) })
  const group = { cluster: 'eu-1', namespace: 'shop', workload: 'web', fingerprint: CASE.fingerprint ?? [] }
  const byCluster = { group, until: new Date(START + HOUR * 1000), place: 'kept/1' }
  const remembered: string[] = []
  for (let number = 1; number <= 20; number += 1) {
    const crash = { ...at(number, randomBytes(6).toString('hex')), core: coreOf(ID) }
    const verdict = await deduplication.deduplicate(CASE, crash)
    if (verdict.keep) assert.fail('it is one of many')
    remembered.push(await deduplication.remember(CASE, crash, { ...verdict, byCluster }))
  }
  // The first of them has its core, and a report with that.
  assert.deepEqual(tally(remembered), { cores: 0, reports: 4, more: 16 })
})
