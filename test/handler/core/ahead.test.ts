import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Ahead } from '../../../handler/core/ahead.ts'

/** Numbers from 1 on; `taken` says how many were. */
function numbers(last: number, failure?: Error) {
  const seen = { taken: 0, isLeft: false }
  const source = async function* () {
    try {
      for (let number = 1; number <= last; number += 1) {
        seen.taken = number
        yield number
      }
      if (failure !== undefined) throw failure
    } finally {
      seen.isLeft = true
    }
  }
  return { seen, source: source() }
}

/** Room for `most` items. */
function roomFor(most: number) {
  const room = {
    most,
    held: 0,
    hasRoom: () => room.held < room.most,
    add: () => {
      room.held += 1
    },
    remove: () => {
      room.held -= 1
    },
    dropped: [] as number[],
    drop: (item: number) => {
      room.held -= 1
      room.dropped.push(item)
    },
  }
  return room
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn()
}

async function rest(ahead: Ahead<number>): Promise<number[]> {
  const read: number[] = []
  for (let item = await ahead.next(); item !== undefined; item = await ahead.next()) read.push(item)
  return read
}

it('begin() takes as many as there is room for, and another one for each that is read', async () => {
  const { seen, source } = numbers(9)
  const ahead = new Ahead(source, roomFor(3))
  ahead.begin()
  await settled()
  assert.deepEqual([seen.taken, ahead.isFilled], [3, true])
  assert.equal(await ahead.next(), 1)
  await settled()
  assert.equal(seen.taken, 4)
  assert.deepEqual(await rest(ahead), [2, 3, 4, 5, 6, 7, 8, 9])
})

it('next() takes one at a time where there is no room', async () => {
  const { seen, source } = numbers(3)
  const ahead = new Ahead(source, roomFor(0))
  ahead.begin()
  await settled()
  assert.equal(seen.taken, 0)
  assert.equal(await ahead.next(), 1)
  await settled()
  assert.equal(seen.taken, 1)
  assert.deepEqual(await rest(ahead), [2, 3])
})

it('askAgain() has more taken where more room came', async () => {
  const { seen, source } = numbers(9)
  const room = roomFor(1)
  const ahead = new Ahead(source, room)
  ahead.begin()
  await settled()
  room.most = 4
  ahead.askAgain()
  await settled()
  assert.equal(seen.taken, 4)
  await ahead.leave()
})

it('room that another process gives back is found without a word', { timeout: 60_000 }, async () => {
  const { source } = numbers(2)
  const room = roomFor(1)
  const second = Promise.withResolvers<void>()
  const add = (number: number) => {
    room.add()
    if (number === 2) second.resolve()
  }
  const ahead = new Ahead(source, { ...room, add, hasRoom: () => room.held < room.most })
  ahead.begin()
  await settled()
  room.most = 2
  // Its timer alone keeps no process alive.
  const alive = setInterval(() => undefined, 1000)
  await second.promise
  clearInterval(alive)
  await ahead.leave()
})

it('next() fails as the source did, once all before it was read', async () => {
  const { source } = numbers(2, new Error('torn'))
  const ahead = new Ahead(source, roomFor(9))
  ahead.begin()
  await settled()
  assert.deepEqual([await ahead.next(), await ahead.next()], [1, 2])
  await assert.rejects(ahead.next(), /torn/)
})

it('leave() ends the source, and gives the room back', async () => {
  const { seen, source } = numbers(9)
  const room = roomFor(3)
  const ahead = new Ahead(source, room)
  ahead.begin()
  await settled()
  await ahead.leave()
  assert.deepEqual([seen.isLeft, room.held, room.dropped], [true, 0, [1, 2, 3]])
  assert.equal(await ahead.next(), undefined)
})
