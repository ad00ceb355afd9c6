import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ReportCrash, ReportInterpreterFrame } from '../../crash/report.ts'
import { backtraceLines, backtraceOf, ownSiteOf } from '../../notify/backtrace.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { REPORT } from './sample-notification.ts'

const LIBC = { function: 'strlen', module: '/lib/libc.so.6', own: false }
const EXTENSION = { function: 'parse', file: '/src/fast.c', line: 88, module: '/app/fast.so', own: true }
const INTERPRETER = { function: '_PyEval_EvalFrameDefault', module: '/usr/bin/python3.11', own: false }

it('backtraceOf() has what Python called, and what called it, in the place of its interpreter', () => {
  const crash = {
    frames: [LIBC, EXTENSION, EXTENSION, INTERPRETER, INTERPRETER],
    interpreterFrames: [
      call('load', 'shop.py', 12),
      call('main', 'shop.py', 20),
      call('<module>', 'shop.py', 23),
    ],
  }
  assert.deepEqual(linesOf(crash), [
    '· strlen  libc.so.6',
    '▸ parse  fast.c:88 × 2',
    '▸ load  shop.py:12',
    '▸ main  shop.py:20',
    '▸ <module>  shop.py:23',
  ])
})

it('backtraceOf() has the code that Python called from where its own called abort()', () => {
  const frames = ['pthread_kill', 'raise', 'abort'].map(name => ({ ...LIBC, function: name }))
  const interpreterFrames = [call('main', 'shop.py', 20)]
  assert.deepEqual(linesOf({ frames: [...frames, EXTENSION, INTERPRETER], interpreterFrames }), [
    '· abort  libc.so.6',
    '▸ parse  fast.c:88',
    '▸ main  shop.py:20',
  ])
})

it('backtraceOf() has one frame of an interpreter that crashed itself, and none where none is known', () => {
  const interpreterFrames = [call('main', 'shop.py', 20)]
  assert.deepEqual(linesOf({ frames: [INTERPRETER, INTERPRETER], interpreterFrames }), [
    '· _PyEval_EvalFrameDefault  python3.11',
    '▸ main  shop.py:20',
  ])
  assert.deepEqual(linesOf({ interpreterFrames }), ['▸ main  shop.py:20'])
})

it('backtraceOf() has nothing of a handler that raised again what it had caught', () => {
  const interpreterFrames = [call('main', 'shop.py', 20)]
  const caught = [EXTENSION, INTERPRETER]
  const frames = [{ function: 'raise', module: '/lib/libc.so.6', own: false }, INTERPRETER, ...caught]
  assert.deepEqual(linesOf({ frames, firstCause: { frames: caught }, interpreterFrames }), [
    '▸ parse  fast.c:88',
    '▸ main  shop.py:20',
  ])
})

it('backtraceOf() has the methods of Java in the place of the JVM, and of what that compiled', () => {
  const jvm = { function: 'Unsafe_PutInt', module: '/opt/jdk/lib/server/libjvm.so', own: false }
  const compiled = { address: '0x7f4680942ff8', own: false }
  const interpreterFrames = [
    { function: 'sun.misc.Unsafe.putInt', own: false },
    { function: 'shop.Cart.total', own: true },
    { function: 'shop.Cart.main', own: true },
  ]
  const methods = ['· sun.misc.Unsafe.putInt', '▸ shop.Cart.total', '▸ shop.Cart.main']
  const frames = [jvm, compiled, jvm]
  assert.deepEqual(linesOf({ frames, interpreterFrames }), ['· Unsafe_PutInt  libjvm.so', ...methods])
  assert.deepEqual(linesOf({ frames: [EXTENSION, ...frames.slice(1)], interpreterFrames }), [
    '▸ parse  fast.c:88',
    ...methods,
  ])
  assert.deepEqual(linesOf({ frames: [compiled, jvm], interpreterFrames }), methods)
})

it("backtraceOf() begins with what the program's own code called last, and counts what it leaves out", () => {
  const library = ['decode', 'loads', 'load'].map(name => standard(name, 'json/__init__.py', 30))
  const own = [9, 8, 7, 6, 5].map(line => call(`at${line}`, 'shop.py', line))
  assert.deepEqual(linesOf({ frames: [LIBC, INTERPRETER], interpreterFrames: [...library, ...own] }), [
    '· strlen  libc.so.6',
    '· load  json/__init__.py:30',
    '▸ at9  shop.py:9',
    '▸ at8  shop.py:8',
    '▸ at7  shop.py:7',
    '… 2 more',
  ])
})

it('backtraceOf() shows a recursion once, with a count', () => {
  const deep = Array.from({ length: 63 }, () => call('deeper', 'shop.py', 3))
  assert.deepEqual(linesOf({ frames: [LIBC], interpreterFrames: [call('end', 'shop.py', 2), ...deep] }), [
    '· strlen  libc.so.6',
    '▸ end  shop.py:2',
    '▸ deeper  shop.py:3 × 63',
  ])
})

it('backtraceOf() has the first line of the program, where a way through packages leads to it', () => {
  const packages = [1, 2, 3, 4, 5, 6].map(line =>
    call(`step${line}`, '.venv/site-packages/torch/nn.py', line),
  )
  const own = [call('train', 'shop.py', 12), call('main', 'shop.py', 20)]
  assert.deepEqual(linesOf({ interpreterFrames: [...packages, ...own] }), [
    '▸ step1  nn.py:1',
    '▸ step2  nn.py:2',
    '▸ step3  nn.py:3',
    '▸ … train  shop.py:12',
    '… 4 more',
  ])
})

it('ownSiteOf() of a program of Python is its own line', () => {
  const interpreterFrames = [standard('string_at', 'ctypes/__init__.py', 519), call('load', 'shop.py', 12)]
  assert.equal(
    ownSiteOf({ ...REPORT, crash: { frames: [EXTENSION], interpreterFrames } }),
    'load (shop.py:12)',
  )
  assert.equal(ownSiteOf({ ...REPORT, crash: { frames: [EXTENSION] } }), 'parse (fast.c:88)')
})

function call(name: string, file: string, line: number): ReportInterpreterFrame {
  return { function: name, file: `/app/${file}`, line, own: true }
}

function standard(name: string, file: string, line: number): ReportInterpreterFrame {
  return { function: name, file: `/usr/lib/python3.11/${file}`, line, own: false }
}

function linesOf(crash: ReportCrash): readonly string[] {
  return backtraceLines(backtraceOf({ ...REPORT, crash }, LANGUAGES.en), LANGUAGES.en)
}
