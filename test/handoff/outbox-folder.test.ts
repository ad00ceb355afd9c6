import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { REPORT, sampleNotification } from '../notify/sample-notification.ts'

const NOW = new Date('2026-11-21T04:21:17Z')
const { id } = REPORT

let root = ''
let folder = ''
let outbox: OutboxFolder

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-outbox-'))
  folder = path.join(root, 'state/outbox')
  outbox = new OutboxFolder(folder)
})
afterEach(() => rm(root, { recursive: true, force: true }))

function entry(overrides: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    notice: sampleNotification(),
    pending: ['coreSight'],
    notBefore: null,
    attempts: 0,
    firstAt: NOW.toISOString(),
    ...overrides,
  }
}

it('add() makes an entry that read() gives, for root alone', async () => {
  assert.deepEqual(await outbox.ids(), [])
  await outbox.add(entry())
  assert.deepEqual(await outbox.ids(), [id])
  assert.deepEqual(await outbox.read(id), entry())
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  assert.equal((await stat(path.join(folder, `${id}.json`))).mode & 0o777, 0o600)
})

it('write() replaces an entry, and leaves nothing else', async () => {
  await outbox.add(entry())
  await outbox.write(entry({ attempts: 1 }))
  assert.deepEqual(await outbox.read(id), entry({ attempts: 1 }))
  assert.deepEqual(await readdir(folder), [`${id}.json`])
})

it('write() removes an entry of which everybody has heard', async () => {
  await outbox.add(entry())
  await outbox.write(entry({ pending: [] }))
  assert.equal(await outbox.read(id), null)
  assert.deepEqual(await readdir(folder), [])
})

it('write() that fails leaves the entry before, and no temporary file', async () => {
  await mkdir(path.join(folder, `${id}.json`), { recursive: true })
  await assert.rejects(outbox.write(entry()))
  assert.deepEqual(await readdir(folder), [`${id}.json`])
})

it('add() refuses beyond its bound, with a hint', async () => {
  await mkdir(folder, { recursive: true })
  const names = Array.from({ length: 10_000 }, (_, at) => `${at.toString(16).padStart(12, '0')}.json`)
  // At once: as promises they take ten times as long.
  for (const name of names) writeFileSync(path.join(folder, name), '')
  await assert.rejects(outbox.add(entry()), { name: 'OperatorError', message: /holds 10000 notices/ })
})

it('read() puts aside what it cannot read', async () => {
  await outbox.add(entry())
  await writeFile(path.join(folder, `${id}.json`), '{"version":1')
  assert.equal(await outbox.read(id), 'unreadable')
  assert.equal(await outbox.read(id), null)
  assert.deepEqual(await outbox.ids(), [])
  assert.equal(await readFile(path.join(folder, `${id}.json.unreadable`), 'utf8'), '{"version":1')
})

it('read() does not take one crash for another', async () => {
  await outbox.add(entry())
  const text = await readFile(path.join(folder, `${id}.json`), 'utf8')
  await writeFile(path.join(folder, '000000000000.json'), text)
  assert.equal(await outbox.read('000000000000'), 'unreadable')
})

it('tidy() removes what a killed writer left, and no entry', async () => {
  await outbox.add(entry())
  const ages = { 'a.json.1.new': 2, 'b.json.2.new': 0.5, 'c.json.unreadable': 24, 'd.json.unreadable': 200 }
  for (const [name, hours] of Object.entries({ ...ages, [`${id}.json`]: 200 })) {
    const at = new Date(NOW.getTime() - hours * 3600 * 1000)
    await writeFile(path.join(folder, name), '', { flag: 'a' })
    await utimes(path.join(folder, name), at, at)
  }
  await outbox.tidy(NOW)
  assert.deepEqual((await readdir(folder)).toSorted(), [`${id}.json`, 'b.json.2.new', 'c.json.unreadable'])
})
