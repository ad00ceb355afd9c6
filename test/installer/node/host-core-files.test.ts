import assert from 'node:assert/strict'
import { it } from 'node:test'
import { lostHostCoreFiles } from '../../../installer/node/host-core-files.ts'

const original = (corePattern: string) =>
  ({ is: 'kept', sysctls: { corePattern, corePipeLimit: 0 } }) as const

for (const pattern of ['core', 'core.%p', '/var/crash/core.%e.%p'])
  it(`lostHostCoreFiles() says what processes outside of pods lose where core_pattern was "${pattern}"`, () => {
    const lost = lostHostCoreFiles({ hostProcesses: 'forward' }, original(pattern))
    assert.ok(lost?.what.includes(`core_pattern was "${pattern}"`), lost?.what)
    assert.match(lost?.hint ?? '', /collect\.hostProcesses: collect/)
  })

it('lostHostCoreFiles() says nothing where they lose nothing, or it was chosen', () => {
  const forward = { hostProcesses: 'forward' } as const
  for (const pattern of ['|/usr/lib/systemd/systemd-coredump %P', '@/run/coredump.socket', ''])
    assert.equal(lostHostCoreFiles(forward, original(pattern)), null, pattern)
  assert.equal(lostHostCoreFiles(forward, { is: 'missing' }), null)
  for (const hostProcesses of ['collect', 'drop'] as const)
    assert.equal(lostHostCoreFiles({ hostProcesses }, original('core')), null)
})
