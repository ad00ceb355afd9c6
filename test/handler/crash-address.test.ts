import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from '../fakes/core-file.ts'
import { functionAt } from './addr2line.ts'
import { crashUnderGdb } from './gdb-core.ts'

const PROGRAM = 'void charge(int *where) { *where = 1; }\nint main(void) { charge(0); }\n'
const LINKED: Readonly<Record<string, readonly string[]>> = {
  'wherever it is loaded': ['-pie'],
  'at a fixed address': ['-no-pie'],
  'with its libc': ['-static'],
  'with its libc, wherever it is loaded': ['-static-pie'],
  'with code and data in one segment': ['-no-pie', '-Wl,-z,noseparate-code'],
}

for (const [name, options] of Object.entries(LINKED)) {
  it(`crash.address is what addr2line wants of a program that was linked ${name}`, async test => {
    const folder = temporaryFolder(test)
    writeFileSync(path.join(folder, 'shop.c'), PROGRAM)
    const program = path.join(folder, 'shop')
    const { status } = spawnSync('cc', ['-g', ...options, '-o', program, 'shop.c'], { cwd: folder })
    if (status !== 0) return test.skip(`there is no compiler, or none that takes ${options.join(' ')}`)
    const crash = await crashUnderGdb(folder, [program])
    if (crash === null) return test.skip('there is no gdb, or ptrace is not allowed here')
    assert.equal(crash.site.module, program)
    assert.equal(functionAt(program, crash.site.address), 'charge')
  })
}

it('crash.address is what addr2line wants of a shared library', async test => {
  const folder = temporaryFolder(test)
  writeFileSync(path.join(folder, 'cart.c'), 'void charge(int *where) { *where = 1; }\n')
  writeFileSync(path.join(folder, 'shop.c'), 'void charge(int *); int main(void) { charge(0); }\n')
  const library = path.join(folder, 'libcart.so')
  const program = path.join(folder, 'shop')
  const compiled = [
    ['-g', '-shared', '-fPIC', '-o', library, 'cart.c'],
    ['-g', '-o', program, 'shop.c', library],
  ].every(options => spawnSync('cc', options, { cwd: folder }).status === 0)
  const crash = compiled ? await crashUnderGdb(folder, [program]) : null
  if (crash === null) return test.skip('there is no compiler, or no gdb, or ptrace is not allowed here')
  assert.equal(crash.site.module, library)
  assert.equal(functionAt(library, crash.site.address), 'charge')
})
