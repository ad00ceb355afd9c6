import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'

it('npm test runs only the files that it is given', t => {
  assert.match(npmTest(t, `import { it } from 'node:test'\nit('one', () => {})\n`), /tests 1\n/)
})

it('npm test compiles for all files at once what they have in common', t => {
  const tells = `import { it } from 'node:test'\nimport { getCompileCacheDir } from 'node:module'
    it('one', t => t.diagnostic('in ' + getCompileCacheDir()))\n`
  assert.match(npmTest(t, tells), /in \S.*\/node_modules\/\.cache\/compiled\//)
})

function npmTest(t: TestContext, source: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-one-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'one.test.ts')
  writeFileSync(file, source)
  // Or the runner that runs us takes its lines.
  const { NODE_TEST_CONTEXT: _, NODE_COMPILE_CACHE: __, ...env } = process.env
  return execFileSync(process.execPath, [path.join(import.meta.dirname, 'main.ts'), file], {
    env,
    encoding: 'utf8',
  })
}
