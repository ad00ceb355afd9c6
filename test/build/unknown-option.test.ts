import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '../..')

for (const program of [
  'build/main.ts',
  'build/image.ts',
  'build/reproduce.ts',
  'build/emulated/main.ts',
  'build/pictures/main.ts',
  'build/release/main.ts',
  'bench/main.ts',
  'demo/main.ts',
  'test/chaos/main.ts',
  'test/e2e/main.ts',
]) {
  it(`${program} says in one line that it does not know an option, and begins nothing`, {
    timeout: 120_000,
  }, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(ROOT, program), '--no-such-option'],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(status, 1)
    assert.match(stderr, /^[^\n]*"?'?--no-such-option'?"?[^\n]*\n$/)
    assert.equal(stdout, '')
  })
}
