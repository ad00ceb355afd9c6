import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { shownText } from '../../untrusted/shown-text.ts'
import { inputs } from '../inputs.ts'

const cases: [string, string][] = [
  ['/app/server', '/app/server'],
  ['\xc5\xe4\xd6\xc3', '\\xc5\\xe4\\xd6\\xc3'],
  ['a\xe4\xb8', 'a\\xe4\\xb8'],
  ['\xe9\x85\x8d\xff', '\u914d\\xff'],
  ['\xf0\x9f\x92\xa5\x80', '\u{1f4a5}\\x80'],
  ['\xc0\xaf', '\\xc0\\xaf'],
  ['\xed\xa0\x80', '\\xed\\xa0\\x80'],
]
for (const [bytes, shown] of cases) {
  it(`shownText() shows ${JSON.stringify(shown)}`, () => {
    assert.equal(shownText(Buffer.from(bytes, 'latin1')), shown)
  })
}

it('shownText() leaves what is UTF-8, and two names that differ stay apart but for a backslash of their own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text =>
      assert.equal(shownText(Buffer.from(text)), text.toWellFormed()),
    ),
    inputs(2000),
  )
  const noBackslash = fc.uint8Array({ maxLength: 12 }).filter(bytes => !bytes.includes(0x5c))
  fc.assert(
    fc.property(noBackslash, noBackslash, (a, b) => {
      assert.equal(shownText(Buffer.from(a)) === shownText(Buffer.from(b)), Buffer.compare(a, b) === 0)
    }),
    inputs(2000),
  )
})
