import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TextLines } from '../../build/text-lines.ts'

it('TextLines has the place of a character, lines counted from 0', () => {
  const lines = new TextLines('ab\n\ncd\n')
  const places = [0, 2, 3, 4, 5, 7].map(offset => Object.values(lines.placeOf(offset)).join(':'))
  assert.deepEqual(places, ['0:0', '0:2', '1:0', '2:0', '2:1', '3:0'])
})
