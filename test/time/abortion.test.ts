import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { it } from 'node:test'
import { Abortion } from '../../time/abortion.ts'

it('an abortion rejects with the reason of its signal, also where that was over before, and nobody has to hear it', async () => {
  const reason = new Error('enough')
  const controller = new AbortController()
  using before = new Abortion(controller.signal)
  using _unheard = new Abortion(controller.signal)
  controller.abort(reason)
  using after = new Abortion(controller.signal)
  for (const { happened } of [before, after]) await assert.rejects(happened, reason)
})

it('an abortion leaves no listener with a signal that lives on, and without a signal never happens', async () => {
  const { signal } = new AbortController()
  {
    using abortion = new Abortion(signal)
    assert.equal(await Promise.race([abortion.happened, 'work']), 'work')
    assert.equal(getEventListeners(signal, 'abort').length, 1)
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  using never = new Abortion(undefined)
  assert.equal(await Promise.race([never.happened, 'work']), 'work')
})
