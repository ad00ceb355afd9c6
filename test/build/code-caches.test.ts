import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { compileFunctions } from '../../build/code-caches.ts'
import { SCRIPT_NAMES } from '../../build/handler-scripts.ts'

const TEXT = 'exports.one = function () { return 1 }\nexports.other = function () { return [1, 2, 3] }'

it('compileFunctions() makes the same code caches in any folder, of the functions that were called', async t => {
  const ends = ['1 }', '3] }'].map(
    end => '(function (exports, require, module) {'.length + TEXT.indexOf(end) + end.length - 1,
  )
  const one = await codeCacheOf(t, ends.slice(0, 1))
  const both = await codeCacheOf(t, ends)
  assert.ok(one.length < both.length, `${one.length} < ${both.length}`)
  assert.deepEqual(await codeCacheOf(t, ends), both)
})

it('compileFunctions() compiles whole what has no business to wait', async t => {
  const some = await codeCacheOf(t, [], 'main')
  const none = await codeCacheOf(t, [])
  assert.ok(some.length > none.length, `${some.length} > ${none.length}`)
})

async function codeCacheOf(t: TestContext, ends: readonly number[], name = 'why'): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of SCRIPT_NAMES) {
    writeFileSync(path.join(folder, `${name}.cjs`), TEXT)
    writeFileSync(path.join(folder, `${name}.cache`), '')
  }
  const called = path.join(folder, 'called.json')
  writeFileSync(called, JSON.stringify({ why: ends }))
  await compileFunctions(folder, called, [process.execPath])
  return readFileSync(path.join(folder, `${name}.cache`))
}
