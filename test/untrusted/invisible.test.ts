import assert from 'node:assert/strict'
import { it } from 'node:test'
import { showInvisible, spaceInvisible } from '../../untrusted/invisible.ts'

const KINDS = {
  'a newline': '\n',
  ESC: '\x1b',
  'a C1 control': '\x9b',
  'a bidi override': '\u202e',
  'a zero-width space': '\u200b',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'half a surrogate pair': '\ud800',
}

for (const [name, character] of Object.entries(KINDS)) {
  it(`${name} is not let through`, () => {
    assert.equal(showInvisible(`a${character}b`, '?'), 'a?b')
    assert.equal(spaceInvisible(`a${character}${character}b`), 'a b')
  })
}

it('letters, blanks and whole surrogate pairs stay', () => {
  assert.equal(showInvisible('é 漢 😀', '?'), 'é 漢 😀')
})

it('what is shown may depend on the character, and is no pattern', () => {
  assert.equal(
    showInvisible('a\x1bb', character => String(character.charCodeAt(0))),
    'a27b',
  )
  assert.equal(showInvisible('a\x1bb', '$&'), 'a$&b')
})
