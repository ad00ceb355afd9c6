import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, it } from 'node:test'
import { bundle } from '../../build/bundle.ts'

let folder: string
let entry: string
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'coredog entry-'))
  entry = path.join(folder, 'coredog-installer.js')
  await bundle('build/mode-entry.js', entry, { target: 'node18' })
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "commonjs" }')
})
after(() => rmSync(folder, { recursive: true, force: true }))

it('dist/coredog-installer.js starts the executable beside it as the installer', () => {
  const told = `#!/bin/sh\nfor each; do echo "<$each>"; done\nexit 3\n`
  writeFileSync(path.join(folder, 'coredog-handler'), told, { mode: 0o755 })
  const { status, stdout } = spawnSync(process.execPath, [entry, 'run', 'a b'], {
    encoding: 'utf8',
    cwd: '/',
  })
  assert.deepEqual([status, stdout], [3, '<installer>\n<run>\n<a b>\n'])
  rmSync(path.join(folder, 'coredog-handler'))
})

it('says what to do when it is not there', () => {
  assert.throws(() => execFileSync(process.execPath, [entry], { encoding: 'utf8', stdio: 'pipe' }), {
    status: 1,
    stderr: /^Cannot run ".*coredog-handler": .*ENOENT.*npm run build/,
  })
})
