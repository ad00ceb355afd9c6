import assert from 'node:assert/strict'
import { it } from 'node:test'
import { takeMode } from '../../executable/mode.ts'

const SELF = '/app/coredog-handler'

function began(...given: string[]): readonly [string, ...string[]] {
  const argv = [SELF, SELF, ...given]
  const script = takeMode(argv)
  assert.deepEqual(argv.slice(0, 2), [SELF, SELF])
  return [script, ...argv.slice(2)]
}

it('takeMode() finds the programs, and leaves them their own arguments', () => {
  assert.deepEqual(began('installer', 'run', '--port=1'), ['installer', 'run', '--port=1'])
  assert.deepEqual(began('webhook'), ['webhook'])
  assert.deepEqual(began('api', 'run'), ['api', 'run'])
})

it('takeMode() starts what the manifests of the release before name', () => {
  assert.deepEqual(began('/app/coredog-installer.js', 'run'), ['installer', 'run'])
  assert.deepEqual(began('/app/coredog-webhook.js', 'run'), ['webhook', 'run'])
})

it('takeMode() leaves all else to the handler', () => {
  for (const given of [
    [],
    ['4242', 'installer', '1763700000'],
    ['--config=/etc/x', 'installer'],
    ['self-test'],
    ['Installer'],
    ['/tmp/installer'],
    ['--config=/app/coredog-webhook.js', '4242'],
    ['/app/coredog-handler.js'],
    ['/app/coredog-constructor.js'],
  ])
    assert.deepEqual(began(...given), ['main', ...given])
})
