import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { recurrencesIn } from '../../handler/recurrences.ts'
import { SeenFolder } from '../../handoff/seen-folder.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { openLogLines } from '../installer/log-lines.ts'

const OWNER = { tenant: ['host'], workload: ['host', '/usr/bin/app'] }
const GROUP = { group: 'v2:0011223344556677' }
const CRASH = { id: '3f2a9c01d4e5', time: new Date('2026-11-24T05:00:00Z') }
const SEEN = { first: new Date('2026-11-24T05:00:01Z'), count: 2, firstImage: 'web:1' }

it('count() says since when, also of a crash that was counted after a later one', async () => {
  const recurrences = recurrencesIn(
    { count: async () => SEEN, countAtSite: async () => ({ ...SEEN, count: 3 }) },
    openLogLines().log,
  )
  assert.deepEqual(await recurrences.count(OWNER, GROUP, CRASH), {
    first: '2026-11-24T05:00:00.000Z',
    last: '2026-11-24T05:00:01.000Z',
    count: 2,
    firstImage: 'web:1',
  })
  assert.equal((await recurrences.countAtSite(OWNER, 'site', CRASH))?.count, 3)
})

it('count() gives up a disk that hangs', async () => {
  const { log, lines } = openLogLines()
  const answer = Promise.withResolvers<null>()
  const recurrences = recurrencesIn(
    { count: () => answer.promise, countAtSite: () => answer.promise },
    log,
    0.01,
  )
  const counting = recurrences.count(OWNER, GROUP, CRASH)
  // Its own timer keeps no process alive.
  const alive = setInterval(() => undefined, 1000)
  assert.equal(await counting, null)
  clearInterval(alive)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crash not counted in time'],
  )
  answer.resolve(null)
})

it('count() says nothing where the folder cannot be written', async t => {
  const { log, lines } = openLogLines()
  const folder = path.join(temporaryFolder(t), 'seen')
  writeFileSync(folder, '')
  assert.equal(await recurrencesIn(new SeenFolder(folder), log).count(OWNER, GROUP, CRASH), null)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['crash not counted'],
  )
})
