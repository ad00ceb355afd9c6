import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { closeEvidence } from '../../../handler/why/take-evidence.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'

const modules = [3, 4, 5, 6, 7, 8].map(fd => ({ fd, sizeBytes: 1, path: `/mnt/${fd}.so`, ranges: [] }))

it('closeEvidence() closes no file behind one that hangs: each would keep a thread that all else waits for', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked: number[] = []
  const hung = Promise.withResolvers<void>()
  const closing = closeEvidence({ modules }, fd => {
    asked.push(fd)
    return fd === 4 ? hung.promise : Promise.resolve()
  })
  while (asked.length < 2) await setImmediate()
  t.mock.timers.tick(1000)
  await closing
  assert.deepEqual(asked, [3, 4])
  assert.ok(isSomeCallHung())
  hung.resolve()
  while (isSomeCallHung()) await setImmediate()
})

it('closeEvidence() closes all others where one cannot be closed', async () => {
  const asked: number[] = []
  await closeEvidence({ modules }, async fd => {
    asked.push(fd)
    if (fd === 4) throw new Error('EIO: i/o error, close')
  })
  assert.deepEqual(asked, [3, 4, 5, 6, 7, 8])
})
