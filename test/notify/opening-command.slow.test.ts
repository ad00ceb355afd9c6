import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { openingCommand } from '../../notify/opening-command.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { REPORT, sampleNotification } from './sample-notification.ts'

/** A program that has a script for gdb in it (type 4 of .debug_gdb_scripts: Python, inlined), which makes a file. */
const HOSTILE = `
__asm__(".pushsection \\".debug_gdb_scripts\\", \\"MS\\",%progbits,1\\n"
        ".byte 4\\n.ascii \\"gdb.inlined-script\\\\n\\"\\n"
        ".ascii \\"open('made-by-program', 'w').close()\\\\n\\"\\n.byte 0\\n.popsection\\n");
int main(void) { return 0; }
`
/** What people write who were once in the way of gdb's protection. */
const TRUSTING = 'set auto-load safe-path /\n'

const MADE = ['made-by-program', 'made-by-folder']

const hasPython = spawnSync('gdb', ['-nx', '-batch', '-ex', 'python print(6*7)']).stdout?.includes('42')
const skip =
  (!hasPython && 'there is no gdb with Python') ||
  (spawnSync('gcc', ['--version']).status !== 0 && 'there is no gcc')

it('openingCommand() runs nothing that the program, or the folder, has for gdb', { skip }, test => {
  const { folder, program, madeBy } = hostileFolder(test)
  const report = { ...REPORT, process: { executable: program }, core: { compression: 'none' as const } }
  assert.deepEqual(madeBy(`gdb -batch ${program} core`), MADE)
  assert.deepEqual(madeBy(openingCommand(sampleNotification({ report }))), [])
  assert.ok(existsSync(path.join(folder, 'core')))
})

function hostileFolder(test: TestContext) {
  const folder = temporaryFolder(test)
  const program = path.join(folder, 'hostile')
  writeFileSync(`${program}.c`, HOSTILE)
  assert.equal(spawnSync('gcc', ['-o', program, `${program}.c`]).status, 0)
  writeFileSync(path.join(folder, 'core'), '')
  writeFileSync(path.join(folder, '.gdbinit'), 'shell touch made-by-folder\n')
  const home = path.join(folder, 'home')
  mkdirSync(home)
  writeFileSync(path.join(home, '.gdbinit'), TRUSTING)
  const madeBy = (line: string) => {
    const { status } = spawnSync('sh', ['-c', line], {
      cwd: folder,
      env: { ...process.env, HOME: home },
      input: 'q\n',
    })
    assert.equal(status, 0)
    const made = MADE.filter(name => existsSync(path.join(folder, name)))
    for (const name of made) rmSync(path.join(folder, name))
    return made
  }
  return { folder, program, madeBy }
}
