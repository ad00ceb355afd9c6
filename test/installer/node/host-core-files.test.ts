import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FILE_PATTERN } from '../../../installer/node/capture-mode.ts'
import { lostHostCoreFiles } from '../../../installer/node/host-core-files.ts'

const original = (corePattern: string) =>
  ({ is: 'kept', sysctls: { corePattern, corePipeLimit: 0 } }) as const

for (const pattern of ['core', 'core.%p', '/var/crash/core.%e.%p'])
  it(`lostHostCoreFiles() says what processes outside of pods lose where core_pattern was "${pattern}"`, () => {
    const lost = lostHostCoreFiles({ hostProcesses: 'forward' }, original(pattern), 'pipe')
    assert.ok(lost?.what.includes(`core_pattern was "${pattern}"`), lost?.what)
    assert.match(lost?.hint ?? '', /collect\.hostProcesses: collect/)
  })

it('lostHostCoreFiles() says nothing where they lose nothing, or it was chosen', () => {
  const forward = { hostProcesses: 'forward' } as const
  for (const pattern of ['|/usr/lib/systemd/systemd-coredump %P', '@/run/coredump.socket', ''])
    assert.equal(lostHostCoreFiles(forward, original(pattern), 'pipe'), null, pattern)
  assert.equal(lostHostCoreFiles(forward, { is: 'missing' }, 'pipe'), null)
  for (const hostProcesses of ['collect', 'drop'] as const)
    assert.equal(lostHostCoreFiles({ hostProcesses }, original('core'), 'pipe'), null)
})

for (const pattern of ['core', '|/usr/share/apport/apport -p%p', '@/run/coredump.socket'])
  it(`lostHostCoreFiles() says that files have no way for processes outside of pods, where core_pattern was "${pattern}"`, () => {
    for (const hostProcesses of ['forward', 'collect'] as const) {
      const lost = lostHostCoreFiles({ hostProcesses }, original(pattern), 'file')
      assert.ok(lost?.what.includes(`core_pattern was "${pattern}"`), lost?.what)
      assert.doesNotMatch(lost?.hint ?? '', /hostProcesses: collect/)
    }
  })

it('lostHostCoreFiles() says nothing of files where nothing was kept before', () => {
  for (const pattern of ['', FILE_PATTERN, '|/bin/false'])
    assert.equal(lostHostCoreFiles({ hostProcesses: 'forward' }, original(pattern), 'file'), null, pattern)
  assert.equal(lostHostCoreFiles({ hostProcesses: 'drop' }, original('core'), 'file'), null)
})
