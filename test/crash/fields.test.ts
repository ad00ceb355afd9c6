import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldsIn, fieldsOf, isFields } from '../../crash/fields.ts'

for (const value of [null, undefined, 7, 'text', true, [], [{ a: 1 }]]) {
  it(`${JSON.stringify(value) ?? 'undefined'} has no fields`, () => {
    assert.equal(isFields(value), false)
    assert.deepEqual(fieldsOf(value), {})
    assert.equal(fieldsIn(JSON.stringify(value) ?? ''), null)
  })
}

it('fieldsIn() reads an object, and nothing of one that was cut short', () => {
  assert.deepEqual(fieldsIn('{"a":{"b":1}}\n'), { a: { b: 1 } })
  assert.equal(fieldsIn('{"a":{"b":1}'), null)
  assert.equal(fieldsIn('{"a":1}{"a":2}'), null)
})

it('fieldsOf() has the object as it is, also one with a field that every object has', () => {
  const value: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2}')
  assert.equal(fieldsOf(value), value)
  assert.deepEqual(Object.keys(fieldsOf(value)), ['__proto__', 'constructor'])
})
