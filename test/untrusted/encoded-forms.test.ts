import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { encodedForms } from '../../untrusted/encoded-forms.ts'
import { inputs } from '../inputs.ts'

const any = fc.uint8Array({ maxLength: 64 })
const long = fc.uint8Array({ minLength: 8, maxLength: 64 })

for (const alphabet of ['base64', 'base64url'] as const)
  it(`encodedForms() have one that stands in ${alphabet}, whatever is around the value, and none that may be a word`, () => {
    fc.assert(
      fc.property(any, long, any, (before, value, after) => {
        const forms = encodedForms(Buffer.from(value))
        const whole = Buffer.concat([before, value, after]).toString(alphabet)
        assert.ok(forms.some(form => whole.includes(form)))
        assert.ok(forms.every(({ length }) => length >= 8))
      }),
      inputs(300),
    )
  })

it('encodedForms() of what has one to be written with percent signs in an address have that', () => {
  assert.ok(encodedForms(Buffer.from('p@ss/wörd')).includes('p%40ss%2Fw%C3%B6rd'))
  assert.ok(encodedForms(Buffer.from('password')).every(form => form !== 'password'))
  assert.ok(encodedForms(Buffer.from('ff40c328fffe0102', 'hex')).every(form => !form.includes('%')))
})
