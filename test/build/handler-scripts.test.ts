import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { bundleHandlerScripts, SCRIPT_NAMES } from '../../build/handler-scripts.ts'

it('bundleHandlerScripts() leaves to other scripts what few crashes need', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await bundleHandlerScripts(folder)
  const main = readFileSync(path.join(folder, 'main.cjs'), 'latin1')
  for (const name of SCRIPT_NAMES.filter(name => name !== 'main')) {
    const asks = [`require("script:${name}")`, `require("thread:${name}")`]
    assert.ok(
      asks.some(ask => main.includes(ask)),
      `main asks for ${name}`,
    )
    assert.ok(readFileSync(path.join(folder, `${name}.cjs`)).length > 0)
  }
  for (const inside of ['AWS4-HMAC-SHA256', 'grpc-status', 'UND_ERR_HEADERS_TIMEOUT', 'gopclntab'])
    assert.ok(!main.includes(inside), `main is without what has "${inside}"`)
})
