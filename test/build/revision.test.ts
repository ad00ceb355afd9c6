import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { readRevision } from '../../build/revision.ts'

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'coredog-revision-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function git(cwd: string, ...args: readonly string[]): string {
  const GIT_COMMITTER_DATE = '2026-01-02T05:04:05+0200'
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
  return execFileSync('git', [...who, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GIT_COMMITTER_DATE },
  })
}

it('readRevision() is the commit and its time, and says what was changed since', async t => {
  const repository = folder(t)
  const file = path.join(repository, 'file')
  writeFileSync(file, 'one')
  git(repository, 'init', '-q')
  git(repository, 'add', 'file')
  git(repository, 'commit', '-qm', 'one')
  const commit = git(repository, 'rev-parse', 'HEAD').trim()
  assert.deepEqual(await readRevision(repository, {}), { commit, date: '2026-01-02T03:04:05Z' })
  assert.equal((await readRevision(repository, { SOURCE_DATE_EPOCH: '0' })).date, '1970-01-01T00:00:00Z')
  writeFileSync(file, 'other')
  assert.equal((await readRevision(repository, {})).commit, `${commit}-modified`)
})

it('readRevision() knows nothing of an archive of the source, but what it is told', async t => {
  const archive = folder(t)
  assert.deepEqual(await readRevision(archive, {}), { commit: null, date: null })
  assert.equal((await readRevision(archive, { SOURCE_DATE_EPOCH: '1' })).date, '1970-01-01T00:00:01Z')
  await assert.rejects(
    readRevision(archive, { SOURCE_DATE_EPOCH: 'now' }),
    /"now" is not a number of seconds/,
  )
})
