import assert from 'node:assert/strict'
import { it } from 'node:test'
import { slotsIn } from '../../../handler/queue/slots.ts'

const MIB = 2 ** 20

for (const { concurrency, memory, slots } of [
  { concurrency: 4, memory: 1024, slots: { stream: 4, upload: 2, rest: 4 } },
  { concurrency: 1, memory: 1024, slots: { stream: 1, upload: 1, rest: 4 } },
  { concurrency: 16, memory: 0, slots: { stream: 16, upload: 8, rest: 4 } },
  // What was set up for so many and no more stays within it.
  { concurrency: 1, memory: 128, slots: { stream: 1, upload: 0, rest: 1 } },
  { concurrency: 1, memory: 256, slots: { stream: 1, upload: 0, rest: 1 } },
  { concurrency: 8, memory: 1024, slots: { stream: 8, upload: 0, rest: 1 } },
]) {
  it(`slotsIn() ${memory} MiB with a concurrency of ${concurrency} are ${JSON.stringify(slots)}`, () => {
    assert.deepEqual(slotsIn({ concurrency, memoryBytes: memory * MIB }), slots)
  })
}
