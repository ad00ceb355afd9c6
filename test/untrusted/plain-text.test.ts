import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { clip, plain } from '../../untrusted/plain-text.ts'
import { inputs } from '../inputs.ts'
import { hostile } from '../notify/sample-notification.ts'

const texts = [
  { name: 'usual text', text: 'web-0 崩溃 💥', shown: 'web-0 崩溃 💥' },
  { name: 'newlines', text: 'a\nb\r\nc', shown: 'a\\nb\\x0d\\nc' },
  { name: 'ANSI sequences', text: '\u001b[31mred\u0007', shown: '\\x1b[31mred\\x07' },
  { name: 'bidi control characters', text: 'a\u202eb\u2066', shown: 'a\\u{202e}b\\u{2066}' },
  { name: 'zero-width characters', text: 'a\u200bb\ufeff', shown: 'a\\u{200b}b\\u{feff}' },
  { name: 'half of a surrogate pair', text: 'a\ud800b', shown: 'a\\u{d800}b' },
]
for (const { name, text, shown } of texts) {
  it(`plain() shows ${name}`, () => assert.equal(plain(text), shown))
}

it('plain() keeps at most as many characters as asked for', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 400 }), (text, most) => {
      const shown = plain(text, most)
      assert.ok([...shown].length <= most)
      assert.equal(Buffer.from(shown).toString(), shown)
    }),
    inputs(2000),
  )
})

for (const one of [
  'e\u0301',
  '\u{1F1E8}\u{1F1F3}',
  '\u{1F469}\u200d\u{1F4BB}',
  '\u1112\u1161\u11ab',
  '\u{1F44D}\u{1F3FD}',
]) {
  it(`clip() cuts nothing in two that a reader takes for one: ${one}`, () => {
    const all = Array.from(`abc${one}def`)
    for (let most = 5; most < all.length; most += 1) {
      const shown = clip(all.join(''), most).slice(0, -1)
      assert.ok(shown === 'abc' || shown.startsWith(`abc${one}`), shown)
    }
  })
}

it('clip() cuts a letter with endless accents', () => {
  const shown = clip(`a${'\u0301'.repeat(10_000)}`, 100)
  assert.equal(Array.from(shown).length, 100)
})

it('clip() marks what it cut, and cuts no character in two', () => {
  assert.equal(clip('💥💥💥', 3), '💥💥💥')
  assert.equal(clip('💥💥💥', 2), '💥…')
  assert.equal(clip('abc', 0), '')
})
