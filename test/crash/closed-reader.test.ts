import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '../..')

for (const command of [
  'handler/main.ts --config=/nowhere/coredog.yaml self-test',
  'installer/main.ts status --json',
  'build/main.ts --help',
  'build/image.ts --help',
  'bench/main.ts --help',
]) {
  it(`"${command} | true" says nothing of a broken pipe`, { timeout: 120_000 }, async () => {
    const child = spawn(process.execPath, command.split(' '), { cwd: ROOT })
    child.stdout.destroy()
    const said = child.stderr.toArray()
    await once(child, 'exit')
    assert.doesNotMatch(Buffer.concat(await said).toString(), /EPIPE/)
  })
}
