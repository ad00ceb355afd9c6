import assert from 'node:assert/strict'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { Attempts } from '../../fallback/attempts.ts'
import { type CoreFile, idOf } from '../../fallback/core-file.ts'
import type { Happening } from '../../fallback/file-life.ts'
import { FileLives } from '../../fallback/file-lives.ts'
import { Ledger } from '../../fallback/ledger.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const log = pino({ level: 'silent' })

it('FileLives lets nothing queue for a path that is on its way, whatever a sweep did not see', async t => {
  const { lives, goes } = await fileLives(t)
  await goes(core(1), 'whole', 'due')
  lives.retain(new Set(), new Set())
  assert.equal(lives.of(core(1)).state, 'queued')
  assert.equal(lives.of(core(2)).state, 'queued')
  assert.equal(lives.isDue(core(2)), false)
  await goes(core(1), 'changed')
  assert.equal(lives.of(core(2)).state, 'unseen')
})

it('FileLives knows after a restart what was stored, and how often the others failed', async t => {
  const folder = temporaryFolder(t)
  const { lives, goes } = await fileLives(t, folder)
  await goes(core(1), 'whole', 'due', 'begun', 'stored')
  await goes(core(2), 'whole', 'due', 'begun', 'failed')
  await goes(core(3), 'whole', 'due', 'begun', 'stopped')
  await lives.end()
  const after = (await fileLives(t, folder)).lives
  assert.equal(after.of(core(1)).state, 'stored')
  assert.deepEqual([after.of(core(2)).state, after.of(core(2)).failures], ['unseen', 1])
  assert.deepEqual(after.of(core(3)), { state: 'unseen', dueMs: null, failures: 0 })
})

it('FileLives forgets a stored file that was removed, and leaves one on its way by that path alone', async t => {
  const { lives, goes, ledger } = await fileLives(t)
  await goes(core(2), 'whole', 'due')
  ledger.add(idOf(core(1)), 'stored')
  await goes(core(1), 'removed')
  assert.equal(ledger.get(idOf(core(1))), undefined)
  assert.equal(lives.of(core(2)).state, 'queued')
})

async function fileLives(t: TestContext, folder = temporaryFolder(t)) {
  const ledger = await Ledger.read(path.join(folder, 'taken.json'), log)
  const attempts = await Attempts.read(path.join(folder, 'attempts.jsonl'), log)
  t.after(() => attempts.end())
  const lives = new FileLives({ ledger, attempts, now: () => 1_000_000 })
  const goes = async (file: CoreFile, ...happenings: readonly Happening[]) => {
    for (const happening of happenings) await lives.happened(file, happening)
  }
  return { lives, goes, ledger }
}

/** Another file each time, at one path. */
function core(ino: number): CoreFile {
  const stat = { dev: 1n, ino: BigInt(ino), size: 1n, mtimeNs: 1n, blocks: 8n }
  return { owner: { namespace: 'ns', pod: 'pod' }, segments: ['ns', 'pod', 'core'], stat }
}
