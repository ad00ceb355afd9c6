import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TimeLimit } from '../../time/time-limit.ts'

it('TimeLimit aborts after its time, or with the outer signal', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  using alone = new TimeLimit(1000, new AbortController().signal)
  const outer = new AbortController()
  using within = new TimeLimit(1000, outer.signal)
  outer.abort(new Error('it was interrupted'))
  assert.deepEqual([alone.signal.aborted, within.signal.reason.message], [false, 'it was interrupted'])
  t.mock.timers.tick(1000)
  assert.equal(alone.signal.reason.message, 'it took too long')
})

it('TimeLimit that is renewed lasts as long again', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  using limit = new TimeLimit(1000, new AbortController().signal)
  t.mock.timers.tick(900)
  limit.renew()
  t.mock.timers.tick(900)
  assert.equal(limit.signal.aborted, false)
  t.mock.timers.tick(100)
  assert.equal(limit.signal.aborted, true)
})

it('TimeLimit that is disposed of is not renewed', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const limit = new TimeLimit(1000, new AbortController().signal)
  limit[Symbol.dispose]()
  limit.renew()
  t.mock.timers.tick(1000)
  assert.equal(limit.signal.aborted, false)
})
