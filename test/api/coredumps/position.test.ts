import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Position } from '../../../api/coredumps/position.ts'
import type { Indexed } from '../../../api/outside.ts'
import { StatusError } from '../../../api/status-error.ts'
import { inputs } from '../../inputs.ts'
import { crashAt } from './crashes.ts'

const NOW = new Date('2026-11-21T05:00:00Z')

function stored(secondsAgo: number, id: string): Indexed {
  return {
    entry: crashAt('2026-11-21T04:21:17Z', { id: id.padEnd(12, '0') }),
    key: id,
    storedAt: new Date(NOW.getTime() - secondsAgo * 1000),
  }
}

/** As another replica reads it. */
function elsewhere(position: Position): Position {
  return Position.parse(position.toString(), NOW)
}

it('what was listed is not new to a watch from there, at any replica', () => {
  const position = Position.at(NOW)
  const listed = [stored(0, '00001'), stored(0, '00002'), stored(3, '00003'), stored(7200, '00004')]
  for (const indexed of listed) position.take(indexed)
  for (const indexed of listed) assert.equal(elsewhere(position).isNew(indexed), false)
})

it('what is stored in the same second as what was listed, or appears a moment later, is new', () => {
  const position = Position.at(NOW)
  position.take(stored(10, '00001'))
  assert.ok(elsewhere(position).isNew(stored(10, '00002')))
  assert.ok(elsewhere(position).isNew(stored(14, '00003')))
  assert.ok(elsewhere(position).isNew(stored(0, '00004')))
  assert.equal(elsewhere(position).isNew(stored(16, '00005')), false)
})

it('of an empty list all is new that comes, also by a store whose clock is ten minutes behind', () => {
  assert.ok(elsewhere(Position.at(NOW)).isNew(stored(600, '00001')))
})

it('a resource version is a number of one length, and the greater the later', () => {
  const position = Position.at(NOW)
  const first = position.toString()
  position.take(stored(10, '00001'))
  const second = position.toString()
  position.take(stored(1, 'fffff'))
  const texts = [first, second, position.toString()]
  assert.deepEqual([...texts].sort(), texts)
  assert.deepEqual(new Set(texts.map(text => text.length)), new Set([69]))
})

it('where more was stored at once than a resource version has room for, some may come twice and none never', () => {
  const position = Position.at(NOW)
  const burst = Array.from({ length: 20 }, (_, at) => stored(1, (at + 1).toString(16).padStart(5, '0')))
  for (const indexed of burst) position.take(indexed)
  const known = burst.filter(indexed => !elsewhere(position).isNew(indexed))
  assert.equal(known.length, 8)
  assert.ok(elsewhere(position).isNew(stored(1, 'abcde')))
})

it('a position that is settled forgets what it had to remember', () => {
  const position = Position.at(NOW)
  position.take(stored(10, '00001'))
  position.settle(NOW.getTime())
  assert.equal(position.toString(), new Position(NOW.getTime()).toString())
})

it('one of a day ago, of tomorrow, or of another server is expired', () => {
  const day = 24 * 3600 * 1000
  const texts = [NOW.getTime() - day, NOW.getTime() + day].map(time => new Position(time).toString())
  for (const text of [...texts, '1', '12345', String(NOW.getTime())])
    assert.throws(() => Position.parse(text, NOW), { code: 410, reason: 'Expired' })
})

it('Position.parse() has an answer to everything', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{69}$/)), text => {
      try {
        Position.parse(text, NOW)
      } catch (thrown) {
        assert.ok(thrown instanceof StatusError)
        assert.ok([400, 410].includes(thrown.code))
      }
    }),
    inputs(),
  )
})
