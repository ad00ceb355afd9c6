import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SpentBuffers } from '../../../api/streams/spent-buffers.ts'

const MIB = 2 ** 20

it('after each 8 MiB that were passed on it is collected', () => {
  let collected = 0
  const spent = new SpentBuffers(() => {
    collected += 1
  })
  const counts = Array.from({ length: 17 }, () => {
    spent.add(MIB)
    return collected
  })
  assert.deepEqual([counts[6], counts[7], counts[15], counts[16]], [0, 1, 2, 2])
})

it('what V8 does not look at for long is taken away', () => {
  const spent = new SpentBuffers()
  let most = 0
  for (let chunk = 0; chunk < 4096; chunk += 1) {
    spent.add(new ArrayBuffer(64 * 1024).byteLength)
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  assert.ok(most < 32 * MIB, `${most} bytes`)
})
