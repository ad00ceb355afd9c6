import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { assertTrained, compileFunctions, goWithout } from '../../build/code-caches.ts'
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

it('take-code-caches.ts fails where a script has none that has to have one', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of SCRIPT_NAMES) {
    writeFileSync(path.join(folder, `${name}.cjs`), TEXT)
    writeFileSync(path.join(folder, `${name}.cache`), '')
  }
  const called = path.join(folder, 'called.json')
  writeFileSync(called, JSON.stringify({ why: [] }))
  const take = path.resolve(import.meta.dirname, '../../build/take-code-caches.ts')
  const { status, stderr } = spawnSync(process.execPath, [take, folder, called], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /Cannot use the code cache of "main": it is empty/)
})

it('assertTrained() refuses a training that called nothing of what each crash calls', () => {
  assertTrained({ program: [1], why: [2] })
  assert.throws(() => assertTrained({ program: [1], why: [] }), /nothing of why was called$/)
  assert.throws(() => assertTrained({}), /nothing of program and why was called$/)
})

it('goWithout() throws where code caches are required', t => {
  const before = process.env.COREDOG_REQUIRE_CODE_CACHES
  t.after(() => {
    if (before === undefined) delete process.env.COREDOG_REQUIRE_CODE_CACHES
    else process.env.COREDOG_REQUIRE_CODE_CACHES = before
  })
  process.env.COREDOG_REQUIRE_CODE_CACHES = '1'
  assert.throws(
    () => goWithout('arm64', 'no emulator'),
    /^Error: Cannot make code caches for arm64: no emulator$/,
  )
})
