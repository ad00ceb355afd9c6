import assert from 'node:assert/strict'
import { it } from 'node:test'
import { plainText } from '../../bench/plain-text.ts'

it('a table is shown with its names to the left, its numbers to the right, and its notes below', () => {
  const table = {
    title: 'Start',
    columns: ['what', 'ms'],
    rows: [
      ['node', '20'],
      ['it', '1000'],
    ],
    notes: ['So.'],
  }
  assert.equal(plainText(table), 'Start\n\nwhat    ms\nnode    20\nit    1000\n\nSo.\n')
})
