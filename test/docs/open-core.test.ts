import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { crashUnderGdb } from '../handler/gdb-core.ts'
import { blocksIn } from './documents.ts'
import { commandsIn } from './shell.ts'

const PROGRAM = 'int *nowhere; void charge(void) { *nowhere = 1; }\nint main(void) { charge(); }\n'

it('docs/opening-a-core.md: gdb shows where the program crashed', context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-open-'))
  try {
    if (!compile(folder) || !makeCore(folder))
      return context.skip('there is no gdb, or no compiler, or ptrace is not allowed here')
    const { stdout } = spawnSync('gdb', ['-nx', '-batch', ...documented('gdb', `file ${PATH}`)], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.match(stdout, /Thread 1 [\s\S]*^#0 .* charge \(\)[\s\S]*^#1 .* main \(\)/m)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('docs/opening-a-core.md: addr2line shows the line at crash.address', async context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-open-'))
  try {
    const crash = compile(folder) ? await crashUnderGdb(folder, [path.join(folder, PATH)]) : null
    if (crash === null) return context.skip('there is no gdb, or no compiler, or ptrace is not allowed here')
    const options = documented('addr2line', PATH).slice(0, -1)
    const { stdout } = spawnSync('addr2line', [...options, crash.site.address ?? ''], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.match(stdout, /^charge\n.*checkout\.c:1\n/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('docs/opening-a-core.md: the files of an image come into rootfs', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-open-'))
  try {
    mkdirSync(path.join(folder, 'image/app'), { recursive: true })
    writeFileSync(path.join(folder, 'image/app/checkout'), 'the program')
    const [block] = blocksIn('sh').filter(({ text }) => text.includes('docker export'))
    // What docker would say and do.
    const docker = 'docker() { case $1 in create) echo 1f3c;; export) tar -c -C image app;; esac; }'
    const shell = `set -e\n${docker}\n${block?.text ?? 'false'}`
    const { stderr } = spawnSync('sh', ['-c', shell], { cwd: folder, encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(readFileSync(path.join(folder, PATH), 'utf8'), 'the program')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const PATH = 'rootfs/app/checkout'

/** As a reader has it: the image's files in rootfs. */
function compile(folder: string): boolean {
  mkdirSync(path.join(folder, 'rootfs/app'), { recursive: true })
  writeFileSync(path.join(folder, 'checkout.c'), PROGRAM)
  return spawnSync('cc', ['-g', '-static', '-o', PATH, 'checkout.c'], { cwd: folder }).status === 0
}

function makeCore(folder: string): boolean {
  const crash = ['-nx', '-batch', '-ex', 'run', '-ex', 'generate-core-file core', PATH]
  return /Saved corefile core/.test(spawnSync('gdb', crash, { cwd: folder, encoding: 'utf8' }).stdout ?? '')
}

/** What stands behind `program` in the command that has `word`, too. */
function documented(program: string, word: string): readonly string[] {
  const commands = blocksIn('sh').flatMap(({ text }) => commandsIn(text))
  const [, ...options] = commands.find(words => words[0] === program && words.includes(word)) ?? []
  assert.ok(options.length > 0)
  return options
}
