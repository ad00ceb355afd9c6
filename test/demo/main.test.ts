import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'

const MAIN = path.join(import.meta.dirname, '../../demo/main.ts')
const ON_A_NODE = ['/var/lib/coredog', '/run/coredog', '/var/log/coredog']

it('the demo shows a crash from the message to the gdb line, and touches only its own folder', {
  timeout: 60_000,
}, async () => {
  const before = ON_A_NODE.map(existsSync)
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN])
  const [, folder = assert.fail(stdout)] = /(\/\S*\/coredog-demo-[A-Za-z0-9]+)\//.exec(stdout) ?? []
  try {
    assert.match(stdout, /SIGSEGV in shop\/checkout-7c9f5d8b6-x2x9k \(app\)/)
    assert.match(stdout, /^ {2}gdb \S+\/checkout \S+\/core$/m)
    assert.ok(existsSync(path.join(folder, 'store')))
    assert.deepEqual(ON_A_NODE.map(existsSync), before)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
