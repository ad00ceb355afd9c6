import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runProgram } from '../../cli/program.ts'
import { VERSION } from '../../crash/version.ts'
import { pretendedWorld } from './pretended-world.ts'

it('runProgram() prints help with examples on stdout, and ends with 0', async () => {
  const world = pretendedWorld()
  assert.equal(await runProgram(['--help'], world), 0)
  assert.match(world.stdout.text, /^Usage: kubectl coredog/)
  assert.match(world.stdout.text, /Examples:\n {2}kubectl coredog list -A --since 1h/)
  assert.equal(world.stderr.text, '')
})

it('runProgram() prints its version, whichever way it is asked', async () => {
  for (const argv of [['version'], ['--version']]) {
    const world = pretendedWorld()
    assert.equal(await runProgram(argv, world), 0)
    assert.equal(world.stdout.text, `${VERSION}\n`)
  }
})

for (const argv of [['lst'], ['version', '--frob'], ['--request-timeout', 'soon', 'version']]) {
  it(`runProgram() ends with 2 and says what is wrong with: ${argv.join(' ')}`, async () => {
    const world = pretendedWorld()
    assert.equal(await runProgram(argv, world), 2)
    assert.match(world.stderr.text, /error: /)
    assert.equal(world.stdout.text, '')
  })
}
