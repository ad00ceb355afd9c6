import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { assertOnMain } from '../../../build/release/on-main.ts'

it('a commit is released that is on main, and no other', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-main-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@test.example', ...args], {
      cwd: folder,
    })
  const commit = () => git('commit', '--quiet', '--allow-empty', '--message=more')

  git('init', '--quiet')
  commit()
  await assert.rejects(assertOnMain(folder), {
    message: 'Cannot tell whether this commit is on main: git knows no origin/main here',
  })
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  await assertOnMain(folder)
  commit()
  await assert.rejects(assertOnMain(folder), {
    name: 'OperatorError',
    message: 'Cannot release this commit: it is not on origin/main',
  })
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  git('checkout', '--quiet', '--detach', 'HEAD~1')
  await assertOnMain(folder)
})
