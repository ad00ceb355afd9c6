import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MOST_HUNG_CALLS, MountCalls } from '../../../storage/file/mount-calls.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'

/** A call that comes back when it is told to. */
function hanging() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let overdue: AbortSignal | null = null
  return {
    back: resolve,
    isOverdue: () => overdue?.aborted === true,
    work: (signal: AbortSignal) => {
      overdue = signal
      return promise
    },
  }
}

it('a call that hangs is waited for until patience is over, and others are not made', async () => {
  const calls = new MountCalls('/mnt/one', 0.01)
  const call = hanging()
  await assert.rejects(calls.answered(call.work), /"\/mnt\/one" does not answer: a call to it hangs/)
  assert.ok(call.isOverdue())
  let made = 0
  for (let count = 0; count < 2 * MOST_HUNG_CALLS; count += 1)
    await assert.rejects(
      new MountCalls('/mnt/one', 60).answered(async () => made++),
      /does not answer/,
    )
  assert.equal(made, 0)
  assert.equal(await new MountCalls('/mnt/other', 60).answered(async () => 'fine'), 'fine')
  assert.ok(isSomeCallHung())
  call.back()
  await new Promise(setImmediate)
  assert.equal(isSomeCallHung(), false)
  assert.equal(await calls.answered(async () => 'well again'), 'well again')
})

it('a call is not waited for any more when its signal aborts, and counts as hanging until it is back', async () => {
  const calls = new MountCalls('/mnt/two', 3600)
  const call = hanging()
  const held = new AbortController()
  const answer = calls.answered(call.work, held.signal)
  held.abort(new Error('held for too long'))
  await assert.rejects(answer, /held for too long/)
  assert.ok(call.isOverdue() && isSomeCallHung())
  call.back()
  await new Promise(setImmediate)
  assert.equal(isSomeCallHung(), false)
})

it('what a call says is what it says: a failure is none of the mount', async () => {
  const calls = new MountCalls('/mnt/three', 3600)
  await assert.rejects(
    calls.answered(() => Promise.reject(new Error('ENOSPC'))),
    /ENOSPC/,
  )
  assert.equal(isSomeCallHung(), false)
})
