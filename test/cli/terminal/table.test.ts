import assert from 'node:assert/strict'
import { it } from 'node:test'
import { table } from '../../../cli/terminal/table.ts'

it('table() lines its columns up, with wide characters and without spaces at the ends', () => {
  const rows = [
    ['支付', 'x', ''],
    ['a', 'longer', 'z'],
  ]
  assert.equal(table(['POD', 'B', 'C'], rows), 'POD    B        C\n支付   x\na      longer   z\n')
})

it('table() shows what would move the cursor', () => {
  assert.equal(table(['A'], [['\x1b[2J\r\n\u202e']]), 'A\n\\x1b[2J\\x0d\\n\\u{202e}\n')
})
