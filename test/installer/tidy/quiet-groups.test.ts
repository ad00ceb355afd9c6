import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { LEFT_ALONE } from '../../../handoff/format-version.ts'
import { SeenFolder } from '../../../handoff/seen-folder.ts'
import { removeQuietGroups } from '../../../installer/tidy/quiet-groups.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T12:00:00Z')

/** Files by what is in them and how many hours they were quiet, and links by where they lead. */
function lay(folder: string, files: Readonly<Record<string, readonly [string, number] | string>>): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, what] of Object.entries(files)) {
    const file = path.join(folder, name)
    if (typeof what === 'string') symlinkSync(what, file)
    else writeFileSync(file, what[0])
    const time = new Date(NOW.getTime() - (typeof what === 'string' ? 0 : what[1]) * 3_600_000)
    if (typeof what !== 'string') utimesSync(file, time, time)
  }
  return folder
}

it('removeQuietGroups() removes what was quiet for thirty days, links to it, and what a kill left', async t => {
  const { log, lines } = openLogLines()
  const root = temporaryFolder(t)
  const web = lay(path.join(root, 'web'), {
    loud: ['version 1\n', 29 * 24],
    'to-loud': 'loud',
    quiet: ['version 1\n', 31 * 24],
    'to-quiet': 'quiet',
    'to-nothing': 'nothing',
    theirs: ['version 2\n', 31 * 24],
    '.coredog-0.new': ['', 2],
    '.coredog-1.new': ['', 0.5],
  })
  lay(path.join(root, 'gone'), { quiet: ['version 1\n', 31 * 24] })
  await removeQuietGroups(root, { now: NOW, log })
  // Of a link it may be seen only the next time that it leads nowhere.
  await removeQuietGroups(root, { now: NOW, log })
  assert.deepEqual(readdirSync(web).toSorted(), ['.coredog-1.new', 'loud', 'theirs', 'to-loud'])
  assert.deepEqual(readdirSync(root), ['web'])
  assert.deepEqual(new Set(lines.map(({ msg }) => msg)), new Set([LEFT_ALONE, 'quiet groups removed']))
})

it('removeQuietGroups() understands the files that a SeenFolder keeps, and needs none', async t => {
  const { log, lines } = openLogLines()
  const root = path.join(temporaryFolder(t), 'seen')
  await removeQuietGroups(root, { now: NOW, log })
  const seen = new SeenFolder(root)
  const owner = { tenant: ['host'], workload: ['host', 'app'] }
  const known = { group: 'v2:1', site: 'a' }
  await seen.count(owner, known, { id: '3f2a9c01d4e5', time: NOW })
  await removeQuietGroups(root, { now: new Date(), log })
  assert.deepEqual(lines, [])
  await removeQuietGroups(root, { now: new Date(Date.now() + 31 * 24 * 3_600_000), log })
  assert.equal(await seen.countAtSite(owner, 'a', { id: '3f2a9c01d4e6', time: NOW }), null)
})
