import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { blocksIn } from './documents.ts'
import { commandsIn } from './shell.ts'

const PROGRAM = 'int *nowhere; void charge(void) { *nowhere = 1; }\nint main(void) { charge(); }\n'

it('docs/opening-a-core.md: gdb shows where the program crashed', context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-open-'))
  try {
    if (!makeCore(folder))
      return context.skip('there is no gdb, or no compiler, or ptrace is not allowed here')
    const { stdout } = spawnSync('gdb', ['-nx', '-batch', ...documented()], { cwd: folder, encoding: 'utf8' })
    assert.match(stdout, /Thread 1 [\s\S]*^#0 .* charge \(\)[\s\S]*^#1 .* main \(\)/m)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** As a reader has it: the image's files in rootfs, and the core beside. */
function makeCore(folder: string): boolean {
  mkdirSync(path.join(folder, 'rootfs/app'), { recursive: true })
  writeFileSync(path.join(folder, 'checkout.c'), PROGRAM)
  const program = 'rootfs/app/checkout'
  const compiled = spawnSync('cc', ['-g', '-static', '-o', program, 'checkout.c'], { cwd: folder })
  if (compiled.status !== 0) return false
  const crash = ['-nx', '-batch', '-ex', 'run', '-ex', 'generate-core-file core', program]
  return /Saved corefile core/.test(spawnSync('gdb', crash, { cwd: folder, encoding: 'utf8' }).stdout ?? '')
}

function documented(): readonly string[] {
  const commands = blocksIn('sh').flatMap(({ text }) => commandsIn(text))
  const [, ...options] =
    commands.find(words => words[0] === 'gdb' && words.includes('file rootfs/app/checkout')) ?? []
  assert.ok(options.length > 0)
  return options
}
