import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const MAIN = path.resolve(import.meta.dirname, '../../../handler/main.ts')

function said(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

for (const mode of ['installer', 'webhook', 'api']) {
  it(`the handler's help knows the ${mode}, and where more is said of it`, () => {
    assert.match(said('--help').text, RegExp(`\\n  ${mode} `))
    const { status, text } = said('help', mode)
    assert.equal(status, 0)
    assert.ok(text.includes(`coredog-handler ${mode} --help`), text)
  })

  it(`the ${mode} behind an option is refused, with what to do`, () => {
    const { status, text } = said('--config=/etc/coredog/coredog.yaml', mode, 'run', '--port=1')
    assert.equal(status, 1)
    assert.match(text, RegExp(`comes first: coredog-handler ${mode} `))
  })
}

it('a mode that is nearly one is guessed', () => {
  assert.match(said('instaler').text, /Did you mean installer\?/)
})
