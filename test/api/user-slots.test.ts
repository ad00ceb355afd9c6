import assert from 'node:assert/strict'
import { it } from 'node:test'
import { StatusError } from '../../api/status-error.ts'
import { UserSlots } from '../../api/user-slots.ts'

it('UserSlots has so many at once, and leaves some to whoever comes next', async () => {
  const slots = new UserSlots(8, 'downloads')
  const { promise, resolve } = Promise.withResolvers<void>()
  const held = (user: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        try {
          await slots.with({ name: user }, () => promise)
          return 'served'
        } catch (error) {
          assert.ok(error instanceof StatusError && error.code === 429 && error.retryAfterSeconds === 5)
          return 'refused'
        }
      }),
    )
  const all = [held('ann', 100), held('ben', 100), held('cem', 100), held('dora', 1)]
  resolve()
  const served = (await Promise.all(all)).map(some => some.filter(one => one === 'served').length)
  assert.deepEqual(served, [4, 2, 2, 0])
  assert.deepEqual(await held('dora', 1), ['served'])
})

it('UserSlots gives back the slot of what failed', async () => {
  const slots = new UserSlots(1, 'downloads')
  const failing = () => slots.with({ name: 'ann' }, () => Promise.reject(new Error('no')))
  await assert.rejects(failing, /no/)
  await assert.rejects(failing, /no/)
})
