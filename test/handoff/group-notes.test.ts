import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { type GroupNote, parseNote } from '../../handoff/group-note.ts'
import { GroupNotes } from '../../handoff/group-notes.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { inputs } from '../inputs.ts'

const NOTE: GroupNote = {
  group: `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`,
  ...{ id: '3f2a9c01d4e5', time: new Date('2026-11-21T04:30:00Z'), pod: 'web-0', image: 'web:1' },
}

it('notes of handlers are taken away, read, and forgotten', async t => {
  const notes = new GroupNotes(path.join(temporaryFolder(t), 'groups'))
  await notes.take(1)
  assert.deepEqual(await notes.taken(), [])
  await Promise.all([notes.add(NOTE), notes.add({ ...NOTE, folder: 'shop/web-0/app/x' })])
  await notes.take(1)
  await notes.add(NOTE)
  await notes.take(12)
  assert.deepEqual(await notes.taken(), [1, 12])
  const read = await notes.read(1)
  assert.deepEqual(
    [...read].sort((a, b) => Number('folder' in a) - Number('folder' in b)),
    [NOTE, { ...NOTE, folder: 'shop/web-0/app/x' }],
  )
  await notes.forget(1)
  assert.deepEqual([await notes.taken(), await notes.read(1)], [[12], []])
})

it('what a kill cut short, or another release wrote, is passed over', async t => {
  const folder = temporaryFolder(t)
  const notes = new GroupNotes(folder)
  writeFileSync(path.join(folder, 'notes'), `${JSON.stringify({ ...NOTE, version: 2 })}\n`)
  await notes.add(NOTE)
  appendFileSync(path.join(folder, 'notes'), '{"version":1,"group":"_gro')
  await notes.take(1)
  assert.deepEqual(await notes.read(1), [NOTE])
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => void parseNote(text)),
    inputs(),
  )
})

it('where nobody counts there is a bound', async t => {
  const folder = temporaryFolder(t)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'notes'), '')
  truncateSync(path.join(folder, 'notes'), 4 * 1024 * 1024)
  await assert.rejects(new GroupNotes(folder).add(NOTE), /not counted yet/)
})
