import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { rangeIn } from '../../../api/streams/byte-range.ts'
import { inputs } from '../../inputs.ts'

it('rangeIn() has the one range that a header asks for, within the object', () => {
  assert.deepEqual(rangeIn('bytes=2-4', 10), { firstByte: 2, lastByte: 4 })
  assert.deepEqual(rangeIn('bytes=2-', 10), { firstByte: 2, lastByte: 9 })
  assert.deepEqual(rangeIn('bytes=2-99', 10), { firstByte: 2, lastByte: 9 })
  assert.deepEqual(rangeIn('bytes=-3', 10), { firstByte: 7, lastByte: 9 })
  assert.deepEqual(rangeIn('Bytes=-30', 10), { firstByte: 0, lastByte: 9 })
})

it('rangeIn() knows what no object has, and takes several ranges, and none, for all of it', () => {
  for (const header of ['bytes=10-', 'bytes=10-11', 'bytes=-0'])
    assert.equal(rangeIn(header, 10), 'unsatisfiable')
  assert.equal(rangeIn('bytes=0-', 0), 'unsatisfiable')
  for (const header of [
    undefined,
    '',
    'bytes=-',
    'bytes=4-2',
    'bytes=0-1,3-4',
    'lines=0-1',
    `bytes=${'9'.repeat(99)}-`,
  ])
    assert.equal(rangeIn(header, 10), null)
})

it('rangeIn() never leaves the object', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
  )
  fc.assert(
    fc.property(header, fc.nat(1000), (text, sizeBytes) => {
      const range = rangeIn(text, sizeBytes)
      if (range === null || range === 'unsatisfiable') return
      assert.ok(0 <= range.firstByte && range.firstByte <= range.lastByte && range.lastByte < sizeBytes)
    }),
    inputs(),
  )
})
