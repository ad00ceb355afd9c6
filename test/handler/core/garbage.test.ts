import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Garbage } from '../../../handler/core/garbage.ts'

const MIB = 2 ** 20

it('is collected each time that another 512 MiB of a core have passed', () => {
  let collected = 0
  const garbage = new Garbage(() => {
    collected += 1
  })
  const collections = Array.from({ length: 256 }, () => {
    garbage.passed(4 * MIB)
    return collected
  })
  assert.deepEqual([collections[126], collections[127], collections[254], collections[255]], [0, 1, 1, 2])
})

it('is really collected', () => {
  const garbage = new Garbage()
  const forgotten = new WeakRef({ passed: true })
  garbage.passed(512 * MIB)
  // What a turn of the event loop has seen is not collected within it.
  return new Promise<void>(resolve =>
    setImmediate(() => {
      garbage.passed(512 * MIB)
      assert.equal(forgotten.deref(), undefined)
      resolve()
    }),
  )
})
