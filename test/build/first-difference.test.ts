import assert from 'node:assert/strict'
import { it } from 'node:test'
import { firstDifference } from '../../build/first-difference.ts'

function contents(texts: Readonly<Record<string, string>>): Map<string, Buffer> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]))
}

const made = contents({ main: 'abc', program: 'abcdef', image: 'x' })

for (const [name, other, difference] of [
  ['nothing', contents({ program: 'abcdef', main: 'abc', image: 'x' }), null],
  [
    'a byte',
    contents({ main: 'abc', program: 'abCdef', image: 'y' }),
    'program differs at byte 2 (6 and 6 bytes)',
  ],
  [
    'what is longer',
    contents({ main: 'abcd', program: '', image: 'x' }),
    'main differs at byte 3 (3 and 4 bytes)',
  ],
  ['what is missing', contents({ main: 'abc', image: 'x' }), 'program is in the first one only'],
  [
    'what is more',
    contents({ main: 'abc', program: 'abcdef', image: 'x', log: '' }),
    'log is in the second one only',
  ],
] as const) {
  it(`firstDifference() names ${name}`, () => {
    assert.equal(firstDifference(made, other), difference)
  })
}
