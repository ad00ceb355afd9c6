import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Activity, goOnUntil } from '../../serving/activities.ts'

const untilAborted: Activity = async signal => void (await once(signal, 'abort'))
const never = new AbortController().signal

it('goOnUntil() resolves when it is told to stop, and waits for no activity', async () => {
  const stop = new AbortController()
  const going = goOnUntil(stop.signal, [untilAborted, async () => undefined], never)
  let isOver = false
  const over = going.then(() => {
    isOver = true
  })
  await setImmediate()
  assert.equal(isOver, false)
  stop.abort()
  await over
  await goOnUntil(AbortSignal.abort(), [untilAborted], never)
})

it('goOnUntil() rejects with the first failure; what fails after it, or after the end, ends no process', async t => {
  const unhandled = t.mock.fn()
  process.on('unhandledRejection', unhandled)
  t.after(() => process.off('unhandledRejection', unhandled))
  const ending = new AbortController()
  const fails: Activity = async () => Promise.reject(new Error('first'))
  const failsLate: Activity = async signal => {
    await untilAborted(signal)
    throw new Error('late')
  }
  await assert.rejects(goOnUntil(never, [failsLate, fails, fails], ending.signal), /first/)
  await goOnUntil(AbortSignal.abort(), [failsLate], ending.signal)
  ending.abort()
  await setImmediate()
  assert.equal(unhandled.mock.callCount(), 0)
})
