import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { decodeMessage, encodeField, type Form } from '../../../handler/identity/protobuf.ts'
import { inputs } from '../../inputs.ts'

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Thing {
    string name = 1; uint32 count = 2; map<string, string> labels = 7; Part part = 3; repeated Part parts = 100;
    int64 skipped = 4; fixed64 eight = 5; fixed32 four = 6; bytes more = 8;
  }
  message Part { string name = 1; }
`)
const Thing = root.lookupType('Thing')

const PART: Form = { 1: { name: 'name', holds: 'text' } }
const THING: Form = {
  1: { name: 'name', holds: 'text' },
  2: { name: 'count', holds: 'number' },
  3: { name: 'part', holds: PART },
  7: { name: 'labels', holds: 'texts' },
  100: { name: 'parts', holds: PART, many: true },
}

const plain = { noNullPrototype: true }
const text = fc.string({ unit: 'grapheme' })
const part = fc.record({ name: text }, plain)
const labels = fc.dictionary(
  text.filter(key => key !== '__proto__'),
  text,
  plain,
)
const read = { name: text, count: fc.nat(2 ** 32 - 1), labels, parts: fc.array(part) }
const skipped = { skipped: fc.integer(), eight: fc.nat(), four: fc.nat(), more: fc.uint8Array() }

it('decodeMessage() reads what another library writes, and skips what it was not asked for', () =>
  fc.assert(
    fc.property(fc.record(read, plain), fc.record(skipped, plain), fc.option(part), (thing, more, one) => {
      const sent = { ...thing, ...(one && { part: one }) }
      const bytes = Buffer.from(Thing.encode({ ...sent, ...more }).finish())
      assert.deepEqual(decodeMessage(bytes, THING), sent)
    }),
    inputs(),
  ))

it('decodeMessage() gives each field its zero value, but a message', () =>
  assert.deepEqual(decodeMessage(Buffer.alloc(0), THING), { name: '', count: 0, labels: {}, parts: [] }))

it('decodeMessage() takes __proto__ for a key as any other', () => {
  const entry = Buffer.concat([encodeField(1, '__proto__'), encodeField(2, 'x')])
  const { labels } = decodeMessage(encodeField(7, entry), THING)
  assert.deepEqual(Object.entries(labels as object), [['__proto__', 'x']])
})

it('decodeMessage() skips a field of another kind than it should be', () =>
  assert.equal(decodeMessage(Buffer.of(1 * 8, 5), THING).name, ''))

for (const [what, hex] of [
  ['a number without an end', 'ffffffff'],
  ['a number of eleven bytes', '10ffffffffffffffffffff01'],
  ['a field that is longer than the message', '0a05616263'],
  ['a group', '0b'],
] as const) {
  it(`decodeMessage() throws at ${what}`, () =>
    assert.throws(() => decodeMessage(Buffer.from(hex, 'hex'), THING), RangeError))
}

it('decodeMessage() throws at nothing else', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        decodeMessage(Buffer.from(bytes), THING)
      } catch (cause) {
        assert.ok(cause instanceof RangeError)
      }
    }),
    inputs(1000),
  ))

it('encodeField() writes what another library reads', () =>
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.nat(3), (name, again) => {
      const long = name.repeat(10 ** again)
      assert.equal(Thing.toObject(Thing.decode(encodeField(1, long))).name ?? '', long)
    }),
    inputs(),
  ))
