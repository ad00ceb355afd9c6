import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const PROGRAM = path.join(import.meta.dirname, 'growing-heap.ts')

/**
 * Without it V8 lets the heap grow by as much as its measurements of itself say, which differ; so it is told how much.
 * In one thread, for on a busy machine others would look for garbage later.
 */
const FLAGS = [
  '--heap-growing-percent=400',
  ...['--expose-gc', '--max-semi-space-size=1', '--single-threaded-gc', '--no-incremental-marking'],
]

function timesWhatIsHeld(...args: readonly string[]): number {
  return Number(execFileSync(process.execPath, [...FLAGS, PROGRAM, ...args], { encoding: 'utf8' }))
}

it('keepHeapSmall() has V8 look for garbage before the heap has grown by half', () => {
  assert.ok(timesWhatIsHeld() > 3)
  assert.ok(timesWhatIsHeld('small') < 1.5)
})
