import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { ConcludedFolder } from '../../handoff/concluded-folder.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const ID = '0123456789ab'
const OLD_ID = 'ba9876543210'
const NOW = new Date('2026-11-21T00:00:00Z')
const DAY_MS = 24 * 3600 * 1000

it('tidy() of what is concluded removes what nobody asked for within a week', async t => {
  const run = temporaryFolder(t)
  const folder = new ConcludedFolder(run)
  await folder.tidy(NOW)
  for (const [id, days] of [
    [ID, 6],
    [OLD_ID, 8],
  ] as const) {
    await folder.add(id)
    const at = new Date(NOW.getTime() - days * DAY_MS)
    utimesSync(path.join(run, 'concluded', id), at, at)
  }
  await folder.tidy(NOW)
  assert.deepEqual([await folder.has(ID), await folder.has(OLD_ID)], [true, false])
})

it('add() to what is concluded has a bound: the folder is in memory', async t => {
  const run = temporaryFolder(t)
  mkdirSync(path.join(run, 'concluded'))
  for (let at = 0; at < 4096; at += 1) writeFileSync(path.join(run, 'concluded', `${at}`), '')
  await new ConcludedFolder(run).add(ID)
  assert.equal(readdirSync(path.join(run, 'concluded')).length, 4096)
})
