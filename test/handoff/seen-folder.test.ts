import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { newCrashId } from '../../crash/object-key.ts'
import { SeenFolder, type SeenOwner } from '../../handoff/seen-folder.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const WEB: SeenOwner = { tenant: ['pod', 'shop'], workload: ['pod', 'shop', 'Deployment', 'web'] }
const GROUP = { group: 'v2:0011223344556677', site: '8899aabbccddeeff' }
const START = Date.parse('2026-11-24T05:00:00Z')

function crash(second = 0, image = 'registry/web:1.4') {
  return { id: newCrashId(), time: new Date(START + second * 1000), image }
}

function opened(test: TestContext) {
  const root = path.join(temporaryFolder(test), 'seen')
  return { root, seen: new SeenFolder(root), files: () => filesIn(root) }
}

/** Those of groups, and links to them. */
function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(({ parentPath, name }) => path.join(parentPath, name))
}

function groupFileIn(root: string): string {
  const [file, ...others] = readdirSync(root, { recursive: true, withFileTypes: true }).filter(e =>
    e.isFile(),
  )
  assert.deepEqual(others, [])
  return path.join(file?.parentPath ?? '', file?.name ?? '')
}

it('count() tells the first from the second, and since when and which image', async t => {
  const { seen } = opened(t)
  const first = { first: new Date(START), firstImage: 'registry/web:1.4' }
  assert.deepEqual(await seen.count(WEB, GROUP, crash()), { ...first, count: 1 })
  assert.deepEqual(await seen.count(WEB, GROUP, crash(60, 'registry/web:1.5')), { ...first, count: 2 })
  assert.equal((await seen.count(WEB, { group: 'v2:other' }, crash()))?.count, 1)
  assert.equal(
    (await seen.count({ ...WEB, workload: ['pod', 'shop', 'Pod', 'a'] }, GROUP, crash()))?.count,
    1,
  )
})

it('count() of many at once gives each a number of its own, and one of them is the first', async t => {
  const { root, files } = opened(t)
  const counted = await Promise.all(
    Array.from({ length: 20 }, async () => await new SeenFolder(root).count(WEB, GROUP, crash())),
  )
  const numbers = counted.map(known => known?.count ?? 0).toSorted((one, other) => one - other)
  assert.deepEqual(
    numbers,
    [...Array(20).keys()].map(index => index + 1),
  )
  assert.equal(files().length, 2, 'the group, and the link by its site')
})

it('count() of a crash that is asked for again gives the same answer', async t => {
  const { seen } = opened(t)
  await seen.count(WEB, GROUP, crash())
  const own = crash()
  assert.equal((await seen.count(WEB, GROUP, own))?.count, 2)
  await seen.count(WEB, GROUP, crash())
  assert.equal((await seen.count(WEB, GROUP, own))?.count, 2)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 4)
})

it('count() passes over a line that a kill cut short', async t => {
  const { root, seen } = opened(t)
  await seen.count(WEB, GROUP, crash())
  appendFileSync(groupFileIn(root), 'ab12')
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 2)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 3)
})

it('count() believes nothing of what another release or somebody else wrote there, and leaves it', async t => {
  for (const text of [
    'version 2\n{"first":"2026-11-24T05:00:00.000Z"}\n',
    'version 1\n',
    '',
    '{"version":2}\n',
  ]) {
    const { root, seen } = opened(t)
    await seen.count(WEB, GROUP, crash())
    const file = groupFileIn(root)
    writeFileSync(file, text)
    assert.equal(await seen.count(WEB, GROUP, crash()), null)
    assert.equal(await seen.countAtSite(WEB, GROUP.site, crash()), null)
    assert.equal(readFileSync(file, 'utf8'), text)
  }
})

it('count() lets a file grow to a bound, and does not call it quiet then', async t => {
  const { root, seen } = opened(t)
  await seen.count(WEB, GROUP, crash())
  const file = groupFileIn(root)
  appendFileSync(file, '0123456789ab\n'.repeat(90_000))
  utimesSync(file, 0, 0)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 90_001)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 90_001)
  assert.ok(statSync(file).mtimeMs > 0)
})

it('count() keeps no more of a workload than a bound, the quiet go first, and of others nothing', async t => {
  const { root, seen, files } = opened(t)
  const other = { ...WEB, workload: ['pod', 'shop', 'Deployment', 'other'] }
  await seen.count(other, GROUP, crash())
  for (const file of files()) utimesSync(file, 0, 0)
  for (let at = 0; at < 40; at += 1) {
    assert.equal((await seen.count(WEB, { group: `v2:${at}`, site: `s${at}` }, crash()))?.count, 1)
    assert.equal((await seen.count(WEB, { group: 'v2:loyal' }, crash()))?.count, at + 1)
  }
  assert.equal(files().length, 64 + 2)
  assert.equal((await seen.count(other, GROUP, crash()))?.count, 2)
  assert.deepEqual(readdirSync(root).length, 1)
})

it('count() keeps no more of a namespace than a bound, and of other namespaces nothing', async t => {
  const { root, seen } = opened(t)
  const theirs = { tenant: ['pod', 'bank'], workload: ['pod', 'bank', 'Deployment', 'web'] }
  await seen.count(theirs, GROUP, crash())
  await seen.count(WEB, GROUP, crash())
  const crowded = [...readdirSync(root)].map(name => path.join(root, name))
  for (const dir of crowded)
    for (let at = 0; at < 1022; at += 1) {
      const file = path.join(dir, `ffff-${at}`)
      writeFileSync(file, 'version 1\n')
      utimesSync(file, 0, 0)
    }
  await seen.count({ ...WEB, workload: ['pod', 'shop', 'Job', 'new'] }, { group: 'v2:new' }, crash())
  assert.deepEqual(
    crowded.map(dir => readdirSync(dir).length),
    [1024, 1024],
  )
  assert.equal((await seen.count(theirs, GROUP, crash()))?.count, 2)
})

it('count() makes no room at the cost of what another release wrote', async t => {
  const { root, seen } = opened(t)
  await seen.count(WEB, GROUP, crash())
  const file = groupFileIn(root)
  const [prefix = ''] = path.basename(file).split('-')
  for (let at = 0; at < 64; at += 1)
    writeFileSync(path.join(path.dirname(file), `${prefix}-${at}`), 'version 2\n')
  await seen.count(WEB, { group: 'v2:new' }, crash())
  assert.equal(readdirSync(path.dirname(file)).filter(name => /-\d{1,2}$/.test(name)).length, 64)
})

it('countAtSite() counts a crash of which only the site is known', async t => {
  const { seen } = opened(t)
  assert.equal(await seen.countAtSite(WEB, GROUP.site, crash()), null)
  await seen.count(WEB, GROUP, crash())
  assert.equal((await seen.countAtSite(WEB, GROUP.site, crash()))?.count, 2)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 3)
  await seen.count(WEB, { group: 'v2:renamed', site: GROUP.site }, crash())
  assert.equal((await seen.countAtSite(WEB, GROUP.site, crash()))?.count, 2)
  assert.equal((await seen.count(WEB, GROUP, crash()))?.count, 4)
})

it('count() keeps names and images of a tenant within bounds', async t => {
  const { root, seen } = opened(t)
  const workload = ['host', '/x\n'.repeat(10_000)]
  const known = await seen.count(
    { tenant: ['host'], workload },
    { group: '../../x' },
    crash(0, '"'.repeat(10_000)),
  )
  assert.equal(known?.firstImage?.length, 512)
  assert.ok(statSync(groupFileIn(root)).size < 4096)
})
