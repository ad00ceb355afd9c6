import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it } from 'node:test'
import { Grace } from '../../time/grace.ts'

it('Grace aborts after the signal that it goes by, and for the same reason', async () => {
  const ending = new AbortController()
  using grace = new Grace(ending.signal, 1)
  const aborted = once(grace.signal, 'abort')
  ending.abort(new Error('updated'))
  assert.equal(grace.signal.aborted, false)
  await aborted
  assert.equal(grace.signal.reason.message, 'updated')
})

it('Grace aborts, too, if that has ended before', async () => {
  using grace = new Grace(AbortSignal.abort(), 1)
  await once(grace.signal, 'abort')
})

it('Grace keeps nothing waiting once it is disposed of', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const ending = new AbortController()
  const { signal } = (() => {
    using grace = new Grace(ending.signal, 1)
    ending.abort()
    return grace
  })()
  t.mock.timers.tick(10)
  assert.equal(signal.aborted, false)
})
