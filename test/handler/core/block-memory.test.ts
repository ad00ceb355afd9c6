import assert from 'node:assert/strict'
import { it } from 'node:test'
import { BlockMemory } from '../../../handler/core/block-memory.ts'

it('take() gives what was given back, whole, also where a part of it was used', () => {
  const memory = new BlockMemory(4096, 2)
  const first = memory.take()
  memory.giveBack(first.subarray(0, 10))
  const again = memory.take()
  assert.deepEqual([again.buffer === first.buffer, again.length], [true, 4096])
})

it('giveBack() frees what is over the bound, and after the end all', () => {
  const memory = new BlockMemory(4096, 1)
  const [first, second, third] = [memory.take(), memory.take(), memory.take()]
  memory.giveBack(first)
  memory.giveBack(second)
  assert.deepEqual([first.length, second.length], [4096, 0])
  memory.end()
  memory.giveBack(third)
  assert.deepEqual([first.length, third.length], [0, 0])
})
