import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { CorePattern } from './core-pattern.ts'

const MAIN = path.resolve(import.meta.dirname, '../../demo/main.ts')

it('the demo has a core of the crash where core_pattern is a pipe to another program', {
  timeout: 120_000,
}, async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-e2e-demo-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await using pattern = await CorePattern.own(60)
  // As apport and systemd-coredump: it takes what comes, and gives the demo nothing.
  await pattern.set({ pattern: '|/bin/true %P', pipeLimit: 0 })
  const said = execFileSync(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, TMPDIR: folder },
    encoding: 'utf8',
  })
  const [unpack, gdb] = [/^ {2}(gunzip .*)$/m, /^ {2}(gdb .*)$/m].map(line => line.exec(said)?.[1])
  const opened = execFileSync('/bin/sh', ['-euc', `${unpack}\n${gdb} -nx -batch -ex backtrace 2>&1`], {
    encoding: 'utf8',
  })
  assert.match(opened, /^#0 .* total \(basket=0x0\) at .*demo\/victim\.c:7$/m)
})

it('through the kernel, the demo ends with the backtrace of its crash', { timeout: 120_000 }, t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-e2e-demo-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const said = execFileSync(process.execPath, [MAIN, '--kernel'], {
    env: { PATH: process.env.PATH, TMPDIR: folder },
    encoding: 'utf8',
  })
  assert.match(said, /^┃ ▸ total {2}victim\.c:7$/m)
  assert.match(said, /\n\n {2}#0 {2}total +victim\.c:7\n(?: {2}#\d.*\n)+\nNext: .*\n$/)
})
