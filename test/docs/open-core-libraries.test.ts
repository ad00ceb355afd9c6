import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { blocksIn } from './documents.ts'

/** Its own name is none of libstdc++'s file, nor is its folder that of the file where /lib is a link. */
const PROGRAM =
  '#include <thread>\nvoid charge() { *(volatile int *)8; }\nint main() { std::thread(charge).join(); }\n'
const TOOLS = ['/usr/bin/g++', '/usr/bin/gdb', '/usr/bin/jq', '/sbin/ldconfig', '/usr/bin/ldd']

it('docs/opening-a-core.md: gdb takes the libraries that were stored with the program', {
  skip: !TOOLS.every(existsSync) && `needs ${TOOLS.join(', ')}`,
}, context => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-open-'))
  try {
    if (!crashIn(folder)) return context.skip('ptrace is not allowed here')
    report(folder)
    // A report has the path in the store, which stands for itself here.
    const shell = `set -e\naws() { cp "$3" "$4"; }\n${documented()}`
    const input = 'info sharedlibrary\nbacktrace\nquit\n'
    const { stdout } = spawnSync('sh', ['-c', shell], { cwd: folder, encoding: 'utf8', input })
    assert.match(stdout, /\/libs\/libstdc\+\+\.so\.6\.[\s\S]*charge\b[\s\S]*start_thread/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function crashIn(folder: string): boolean {
  writeFileSync(path.join(folder, 'a.cc'), PROGRAM)
  spawnSync('g++', ['-g', '-pthread', '-o', 'program', 'a.cc'], { cwd: folder })
  const crash = ['-nx', '-batch', '-ex', 'run', '-ex', 'generate-core-file core', './program']
  return /Saved corefile core/.test(spawnSync('gdb', crash, { cwd: folder, encoding: 'utf8' }).stdout ?? '')
}

/** As the handler writes it: files have the paths that the kernel says, without links. */
function report(folder: string): void {
  const { stdout } = spawnSync('ldd', ['program'], { cwd: folder, encoding: 'utf8' })
  const files = [...stdout.matchAll(/\/\S+/g)].map(([file]) => realpathSync(file))
  cpSync(path.join(folder, 'program'), path.join(folder, 'stored'))
  const binaries = [path.join(folder, 'stored'), ...files].map(file => ({ path: file, url: file }))
  writeFileSync(path.join(folder, 'report.json'), JSON.stringify({ binaries }))
}

function documented(): string {
  const [block] = blocksIn('sh').filter(({ text }) => text.includes('solib-search-path'))
  return block?.text ?? assert.fail('no block sets solib-search-path')
}
