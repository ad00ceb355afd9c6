import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { CoreFile } from '../../fallback/core-file.ts'
import { Queue } from '../../fallback/queue.ts'

const MINUTE_MS = 60_000

it('Queue takes no more files at once than it may, and goes on when one is over', async () => {
  const { queue, taken, endOne } = begin(2)
  for (const name of ['one', 'two', 'three']) queue.add(file('ns', name), '/dumps')
  assert.deepEqual(taken, ['one', 'two'])
  await endOne('one')
  assert.deepEqual(taken, ['one', 'two', 'three'])
})

it('Queue lets other namespaces in beside one that has taken ten minutes, as many as it may at the most', () => {
  const { queue, taken, clock } = begin(1)
  queue.add(file('a', 'endless'), '/dumps')
  for (const name of ['later', 'latest']) queue.add(file('a', name), '/dumps')
  clock.nowMs += 9 * MINUTE_MS
  queue.add(file('b', 'quiet'), '/dumps')
  assert.deepEqual(taken, ['endless'])
  clock.nowMs += MINUTE_MS
  queue.goOn('/dumps')
  queue.add(file('c', 'quiet too'), '/dumps')
  clock.nowMs += 10 * MINUTE_MS
  queue.goOn('/dumps')
  assert.deepEqual(taken, ['endless', 'quiet'])
})

it('Queue that ends begins nothing any more, and waits for what is under way', async () => {
  const { queue, taken, endOne } = begin(1)
  for (const name of ['one', 'two']) queue.add(file('ns', name), '/dumps')
  let hasEnded = false
  const ended = queue.end().then(() => {
    hasEnded = true
  })
  queue.goOn('/dumps')
  await setImmediate()
  assert.equal(hasEnded, false)
  await endOne('one')
  await ended
  assert.deepEqual(taken, ['one'])
})

/** A queue whose files are taken until they are told to end, with a clock of its own. */
function begin(concurrency: number) {
  const clock = { nowMs: 0 }
  const taken: string[] = []
  const ends = new Map<string, () => void>()
  const take = ({ segments }: CoreFile) => {
    const name = segments.at(-1) ?? ''
    const { promise, resolve } = Promise.withResolvers<void>()
    taken.push(name)
    ends.set(name, resolve)
    return promise
  }
  const queue = new Queue(take, { concurrency, now: () => clock.nowMs })
  const endOne = async (name: string) => {
    ends.get(name)?.()
    await setImmediate()
  }
  return { queue, taken, clock, endOne }
}

function file(namespace: string, name: string): CoreFile {
  const stat = { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1n, blocks: 8n }
  return { owner: { namespace, pod: name }, segments: [namespace, name, name], stat }
}
