import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inParallel } from '../../time/in-parallel.ts'

it('inParallel() asks of each, at most so many at once, and answers in their order', async () => {
  let [now, most] = [0, 0]
  const answers = await inParallel([5, 1, 4, 2, 3], 2, async item => {
    now += 1
    most = Math.max(most, now)
    await new Promise(resolve => setImmediate(resolve))
    now -= 1
    return item * 10
  })
  assert.deepEqual([answers, most], [[50, 10, 40, 20, 30], 2])
})

it('inParallel() rejects as the first that does, and asks nothing of none', async () => {
  const refuse = async () => Promise.reject(new Error('no'))
  await assert.rejects(inParallel([1, 2], 2, refuse), /no/)
  assert.deepEqual(await inParallel([], 2, refuse), [])
})

it('inParallel() asks no more once one has rejected', async () => {
  const asked: number[] = []
  const ask = async (item: number) => {
    asked.push(item)
    await new Promise(resolve => setImmediate(resolve))
    if (item === 1) throw new Error('no')
  }
  await assert.rejects(inParallel([1, 2, 3, 4, 5, 6], 2, ask), /no/)
  for (let turns = 0; turns < 10; turns += 1) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(asked, [1, 2])
})
