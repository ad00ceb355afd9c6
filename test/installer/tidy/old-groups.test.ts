import assert from 'node:assert/strict'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { removeOldGroups } from '../../../installer/tidy/old-groups.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const HOUR_MS = 3_600_000

function folderWithCases(folder: string): string {
  for (const hours of [1, 23, 25, 80]) {
    const file = path.join(folder, `case-${hours}`)
    const time = new Date(NOW.getTime() - hours * HOUR_MS)
    writeFileSync(file, '')
    utimesSync(file, time, time)
  }
  return folder
}

it('removeOldCases() removes what is two windows old, but nothing of the last day', async t => {
  const { log, lines } = openLogLines()
  const folder = folderWithCases(temporaryFolder(t))
  await removeOldGroups(folder, { windowSeconds: 36 * 3600 }, { now: NOW, log })
  assert.deepEqual(readdirSync(folder), ['case-1', 'case-23', 'case-25'])
  await removeOldGroups(folder, { windowSeconds: 300 }, { now: NOW, log })
  assert.deepEqual(readdirSync(folder), ['case-1', 'case-23'])
  assert.deepEqual(
    lines.map(({ msg, removed }) => [msg, removed]),
    [
      ['old cases removed', 1],
      ['old cases removed', 1],
    ],
  )
})

it('removeOldCases() needs no folder', async t => {
  const folder = path.join(temporaryFolder(t), 'none')
  await removeOldGroups(folder, { windowSeconds: 0 }, { now: NOW, log: openLogLines().log })
})
