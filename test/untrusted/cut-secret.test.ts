import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { CutSecret } from '../../untrusted/cut-secret.ts'
import { inputs } from '../inputs.ts'

function longestByTrying(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(value.slice(0, length))) return length
  return 0
}

it('CutSecret finds the longest beginning that a text ends with, of any text and value', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(few, few, (text, value) => {
      assert.equal(new CutSecret(value).lengthAtEnd(text), longestByTrying(text, value))
    }),
    inputs(3000),
  )
})
