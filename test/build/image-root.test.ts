import assert from 'node:assert/strict'
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { writeRoot } from '../../build/image-root.ts'

it('writeRoot() writes files, links and folders as they are in the image', async t => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'coredog-root-'))
  t.after(() => rmSync(scratch, { recursive: true, force: true }))
  const root = path.join(scratch, 'root')
  const entries = [
    { path: '/tmp', mode: 0o1777 },
    { path: '/app/coredog-handler', content: 'program', mode: 0o755 },
    { path: '/usr/local/bin/node', link: '/app/coredog-handler', mode: 0o777 },
  ]
  for (const _again of [1, 2]) await writeRoot(root, entries)
  const mode = (file: string) => (lstatSync(path.join(root, file)).mode & 0o7777).toString(8)
  assert.deepEqual(['tmp', 'app', 'app/coredog-handler'].map(mode), ['1777', '755', '755'])
  assert.equal(readFileSync(path.join(root, 'app/coredog-handler'), 'utf8'), 'program')
  assert.equal(readlinkSync(path.join(root, 'usr/local/bin/node')), '/app/coredog-handler')
})
