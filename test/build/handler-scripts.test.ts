import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { bundleHandlerScripts, SCRIPT_NAMES } from '../../build/handler-scripts.ts'

/** By the executable, or before `program`. */
const BEGUN_OTHERWISE = ['main', 'program', 'installer', 'webhook', 'api', 'give-back', 'container-nodes']

it('bundleHandlerScripts() leaves to other scripts what few crashes need', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await bundleHandlerScripts(folder)
  const read = (name: string) => readFileSync(path.join(folder, `${name}.cjs`), 'latin1')
  const [main, program] = [read('main'), read('program')]
  assert.ok(main.includes('require("script:program")'))
  // Nothing else is loaded before the core is begun.
  assert.ok(main.length < 20_000, `main has ${main.length} bytes`)
  assert.ok(main.includes('require("script:container-nodes")'))
  for (const name of SCRIPT_NAMES.filter(name => !BEGUN_OTHERWISE.includes(name))) {
    const asks = [`require("script:${name}")`, `require("thread:${name}")`]
    assert.ok(
      asks.some(ask => program.includes(ask)),
      `program asks for ${name}`,
    )
    assert.ok(read(name).length > 0)
  }
  for (const inside of ['AWS4-HMAC-SHA256', 'UND_ERR_HEADERS_TIMEOUT', 'gopclntab'])
    assert.ok(!program.includes(inside), `program is without what has "${inside}"`)
})
