import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { ownArchitecture } from '../../build/node-binary.ts'
import { readNeeds } from '../../build/program-needs.ts'
import { withoutSymbols } from '../../build/without-symbols.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const node = readFileSync(path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`))
const header = node.toString('hex', 0, 64)

it('takes a seventh of Node away, and Node runs as before', test => {
  const dir = mkdtempSync(path.join(tmpdir(), 'coredog-'))
  test.after(() => rmSync(dir, { recursive: true }))
  const smaller = withoutSymbols(node)
  assert.ok(smaller.length < node.length * 0.9, `${smaller.length} of ${node.length} bytes`)
  assert.deepEqual(readNeeds(smaller), readNeeds(node))
  const program = path.join(dir, 'node')
  writeFileSync(program, smaller, { mode: 0o755 })
  const script = 'new Intl.NumberFormat("de").format(1234.5) + require("zlib").gzipSync("x").length'
  assert.equal(execFileSync(program, ['-p', script], { encoding: 'utf8' }), '1.234,521\n')
})

it('leaves the program that it is given as it is, and one without symbols the same', () => {
  const smaller = withoutSymbols(node)
  assert.equal(node.toString('hex', 0, 64), header)
  assert.ok(withoutSymbols(smaller).equals(smaller))
})
