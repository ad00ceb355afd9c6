import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fittedTable } from '../../../cli/terminal/fitted-table.ts'
import { widthOf } from '../../../cli/terminal/width.ts'

const HEAD = ['ID', 'NAME', 'AGE', 'WHY']
const ROWS = [
  ['1', '支付', '5d', 'it read through a null pointer'],
  ['2', 'search', '1h', '-'],
]
const fitted = (columns: number) => fittedTable(HEAD, ROWS, { columns, movable: ['WHY', 'NAME'] })

it('fittedTable() of a terminal that is wide enough is a table', () => {
  const whole =
    'ID   NAME     AGE   WHY\n1    支付     5d    it read through a null pointer\n2    search   1h    -\n'
  assert.equal(fitted(50), whole)
})

it('fittedTable() has what does not fit below its row, and nothing where there is nothing', () => {
  const sentence = '  it read through a null pointer\n'
  assert.equal(fitted(40), `ID   NAME     AGE\n1    支付     5d\n${sentence}2    search   1h\n`)
  const below = ['  支付   i…\n', '  search\n']
  assert.equal(fitted(11), `ID   AGE\n1    5d\n${below[0]}2    1h\n${below[1]}`)
})

it('fittedTable() obeys no cell, and makes no line longer than the terminal', () => {
  const rows = [['1', '\x1b[2J\r\n', '5d', `\u202e${'支'.repeat(100)}`]]
  const shown = fittedTable(HEAD, rows, { columns: 30, movable: ['WHY', 'NAME'] })
  assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  assert.ok(shown.split('\n').every(line => widthOf(line) <= 30))
})
