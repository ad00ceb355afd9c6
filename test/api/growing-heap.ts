import { getHeapSpaceStatistics } from 'node:v8'
import { keepHeapSmall } from '../../api/small-heap.ts'

// A program of its own: says how many times what it holds its heap was at the most. With `small`, as coredog-api has it.
if (process.argv[2] === 'small') keepHeapSmall()

const HELD = 300
const ROUNDS = 2000

function answer(): readonly object[] {
  return Array.from({ length: 1000 }, (_, at) => ({ name: `crash-${at}`, at }))
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'old_space')?.space_used_size ?? 0
}

const held = Array.from({ length: HELD }, answer)
globalThis.gc?.()
const live = oldBytes()
let most = live
for (let round = 0; round < ROUNDS; round += 1) {
  held[round % HELD] = answer()
  most = Math.max(most, oldBytes())
}
process.stdout.write(`${most / live}\n`)
