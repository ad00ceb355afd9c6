import fc from 'fast-check'

const SURROGATES = { first: 0xd800, last: 0xdfff }
const LAST_CODE_POINT = 0x10ffff
const SURROGATE_COUNT = SURROGATES.last - SURROGATES.first + 1

/**
 * Any character but half of a pair: what fast-check calls `binary`. That one first builds a table of the
 * million, which takes half a second of each test file that asks for it.
 */
export const anyCharacter = fc
  .integer({ min: 0, max: LAST_CODE_POINT - SURROGATE_COUNT })
  .map(index => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATE_COUNT), indexOf)

/** fast-check asks this of texts of its own, so that `__proto__` and the like are tried too. */
function indexOf(character: unknown): number {
  const code = typeof character === 'string' ? (character.codePointAt(0) ?? -1) : -1
  if (code < 0 || String.fromCodePoint(code) !== character) throw new Error('Not one character')
  return code < SURROGATES.first ? code : code - SURROGATE_COUNT
}
