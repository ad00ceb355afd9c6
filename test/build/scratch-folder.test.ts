import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { ScratchFolder } from '../../build/scratch-folder.ts'

it('a ScratchFolder is one of its own, and gone at the end; what a kill left goes with the next of its kind', async t => {
  const parent = mkdtempSync(path.join(tmpdir(), 'coredog-parent-'))
  t.after(() => rmSync(parent, { recursive: true }))
  for (const name of ['kind-old', 'kind-running', 'other-old']) mkdirSync(path.join(parent, name))
  for (const name of ['kind-old', 'other-old']) utimesSync(path.join(parent, name), 0, 0)
  {
    await using one = await ScratchFolder.in(parent, 'kind')
    await using other = await ScratchFolder.in(parent, 'kind')
    assert.notEqual(one.folder, other.folder)
    assert.ok(existsSync(one.folder))
  }
  assert.deepEqual(readdirSync(parent), ['kind-running', 'other-old'])
})
