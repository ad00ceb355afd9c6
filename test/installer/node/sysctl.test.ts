import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readSysctls, writeCorePattern, writeCorePipeLimit } from '../../../installer/node/sysctl.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { scratchNode } from './scratch-node.ts'

it('writeCorePattern() and writeCorePipeLimit() write what readSysctls() reads', async t => {
  const { sysctlFolder } = scratchNode(temporaryFolder(t))
  for (const corePattern of ['|/usr/local/bin/coredog-handler %P %e %t', 'core', '']) {
    await writeCorePattern(sysctlFolder, corePattern)
    await writeCorePipeLimit(sysctlFolder, 128)
    assert.deepEqual(await readSysctls(sysctlFolder), { corePattern, corePipeLimit: 128 })
  }
})

it('writeCorePattern() refuses what the kernel would cut', async t => {
  const { sysctlFolder } = scratchNode(temporaryFolder(t))
  await writeCorePattern(sysctlFolder, `|/${'é'.repeat(62)}x`)
  await assert.rejects(writeCorePattern(sysctlFolder, `|/${'é'.repeat(63)}`), { hint: /shorter path/ })
})

it('writeCorePattern() says so when it was not taken', async () => {
  await assert.rejects(writeCorePattern('/nowhere', 'core'), {
    name: 'OperatorError',
    message: 'Cannot set "/nowhere/core_pattern" to "core": there is no such setting',
  })
})
