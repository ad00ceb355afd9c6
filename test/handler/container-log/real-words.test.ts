import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { it } from 'node:test'
import { runtimeWordsIn } from '../../../handler/container-log/runtime-words.ts'

const FULL = ['--max-old-space-size=24', '-e', 'const all = []; for (;;) all.push(new Array(1000).fill(1.5))']
const THROWS = ['--abort-on-uncaught-exception', '-e', 'throw new Error("no such cart")']
const NODES = [process.execPath, '/usr/bin/node'] as const

const REAL: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ...NODES.flatMap(file => [
    ['Node.js', file, FULL, /^FATAL ERROR: .*JavaScript heap out of memory$/] as const,
    ['Node.js', file, THROWS, /^Uncaught Error: no such cart$/] as const,
  ]),
  ['Ruby', '/usr/bin/ruby', ['-e', 'Process.kill(:SEGV, $$)'], /^-e:1: \[BUG\] Segmentation fault at 0x/],
  [
    'Python',
    '/usr/bin/python3',
    ['-X', 'faulthandler', '-c', 'import ctypes; ctypes.string_at(0)'],
    /^Fatal Python error: Segmentation fault$/,
  ],
]
for (const [name, file, args, said] of REAL)
  it(`runtimeWordsIn() has what ${name} really says: ${file} ${args.join(' ')}`, {
    skip: !existsSync(file) && `there is no ${file}`,
  }, () => {
    assert.match(wordsOf(file, args).join('\n'), said)
  })

/** Of 1 byte the kernel takes for no core at all, whatever takes cores here: core(5). */
function wordsOf(file: string, args: readonly string[]): readonly string[] {
  const { signal, stderr } = spawnSync('prlimit', ['--core=1:1', file, ...args], { encoding: 'utf8' })
  assert.ok(signal, stderr)
  const [time, crashedAt] = ['2026-01-01T00:00:00Z', new Date('2026-01-01T00:00:00Z')]
  const lines = stderr.split('\n').map(text => ({ time, stream: 'stderr' as const, text }))
  return runtimeWordsIn(lines, crashedAt)
}
