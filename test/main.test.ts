import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'

it('npm test runs only the files that it is given', t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-one-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'one.test.ts')
  writeFileSync(file, `import { it } from 'node:test'\nit('one', () => {})\n`)
  const env = { ...process.env }
  // Or the runner that runs us takes its lines.
  delete env.NODE_TEST_CONTEXT
  const said = execFileSync(process.execPath, [path.join(import.meta.dirname, 'main.ts'), file], {
    env,
    encoding: 'utf8',
  })
  assert.match(said, /tests 1\n/)
})
