import assert from 'node:assert/strict'
import { it } from 'node:test'
import { REPORT_SCHEMA } from '../../crash/report.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { stackLines } from '../../notify/stacks.ts'

const MAIN = { function: 'main', file: '/src/shop.cc', line: 9, own: true }

it('stackLines() has all frames of all threads, the crashed one first', () => {
  const frames = Array.from({ length: 8 }, (_, at) => ({ function: `f${at}`, own: at % 2 === 0 }))
  const report = {
    schema: REPORT_SCHEMA,
    id: '3f2a9c01d4e5',
    process: { namespacedThreadId: 17, comm: 'worker' },
    crash: { reason: 'it read from address 0x0', frames: [...frames, MAIN] },
    threads: [{ tid: 18, name: 'gc', frames: [MAIN, MAIN] }, { tid: 19 }],
  } as const
  assert.deepEqual(stackLines(report, LANGUAGES.en), [
    LANGUAGES.en.reason({ sentence: 'it read from address 0x0', code: undefined }),
    '',
    'Thread 17 "worker", which crashed:',
    ...frames.map(({ function: name, own }) => `${own ? '▸' : '·'} ${name}`),
    '▸ main  shop.cc:9',
    '',
    'Thread 18 "gc":',
    '▸ main  shop.cc:9 × 2',
  ])
})

it('stackLines() has what an interpreter ran, and names of threads as visible characters', () => {
  const report = {
    schema: REPORT_SCHEMA,
    id: '3f2a9c01d4e5',
    process: { comm: '\u001b[2J' },
    crash: { frames: [MAIN], interpreterFrames: [MAIN], runtime: { name: 'Python' } },
  } as const
  assert.deepEqual(stackLines(report, LANGUAGES.en), [
    'Thread "\\x1b[2J", which crashed:',
    '▸ main  shop.cc:9',
    '',
    'Python:',
    '▸ main  shop.cc:9',
  ])
  assert.deepEqual(stackLines({ schema: REPORT_SCHEMA, id: '3f2a9c01d4e5' }, LANGUAGES.en), [])
})
