import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { lineIn } from '../../../crash/python/line-table.ts'
import { inputs } from '../../inputs.ts'
import { recordedTables } from './recorded.ts'

it('lineIn() says what CPython says of its own code', () => {
  let count = 0
  for (const { name, table, firstLine, lines } of recordedTables())
    for (const [start, end, line] of lines)
      for (let at = start; at < end; at += 2) {
        // Before a module's first line there is none.
        assert.equal(lineIn(Buffer.from(table, 'hex'), firstLine, at), line || null, `${name} at ${at}`)
        count += 1
      }
  assert.ok(count > 5000, `${count} instructions`)
})

it('lineIn() says nothing of a table that ends before', () => {
  const { table, firstLine, lines } = recordedTables()[0]!
  const bytes = Buffer.from(table, 'hex')
  const last = lines.at(-1)![1] - 2
  assert.notEqual(lineIn(bytes, firstLine, last), null)
  assert.equal(lineIn(bytes.subarray(0, bytes.length / 2), firstLine, last), null)
  assert.equal(lineIn(bytes, firstLine, last + 2), null)
})

it('lineIn() of any bytes is a line, or none', () => {
  const offsets = fc.integer({ min: 0, max: 4096 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), fc.integer(), offsets, (table, firstLine, offset) => {
      const line = lineIn(table, firstLine, offset)
      assert.ok(line === null || (Number.isInteger(line) && line > 0 && line < 2 ** 31))
    }),
    inputs(500),
  )
})
