import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseLabelSelector } from '../../../api/coredumps/label-selector.ts'
import { StatusError } from '../../../api/status-error.ts'
import { inputs } from '../../inputs.ts'

const LABELS = { 'coredog.io/pod': 'checkout-1', 'coredog.io/signal': 'SIGSEGV', tier: '3' }

const SELECTORS: readonly (readonly [string, boolean])[] = [
  ['', true],
  [' coredog.io/signal=SIGSEGV ', true],
  ['coredog.io/signal==SIGSEGV', true],
  ['coredog.io/signal=SIGABRT', false],
  ['coredog.io/signal!=SIGABRT', true],
  ['coredog.io/signal!=SIGSEGV', false],
  ['none!=x', true],
  ['coredog.io/signal in (SIGABRT, SIGSEGV)', true],
  ['coredog.io/signal in (SIGABRT)', false],
  ['none in ()', false],
  ['coredog.io/signal notin (SIGSEGV)', false],
  ['none notin (a,b)', true],
  ['coredog.io/pod', true],
  ['none', false],
  ['!none', true],
  ['!coredog.io/pod', false],
  ['none=', false],
  ['tier>2', true],
  ['tier<3', false],
  ['coredog.io/pod>2', false],
  ['tier=3,coredog.io/pod=checkout-1,!none', true],
  ['tier=3,coredog.io/pod=checkout-2', false],
]

for (const [selector, expected] of SELECTORS)
  it(`parseLabelSelector() of "${selector}" ${expected ? 'takes' : 'leaves'} it`, () => {
    assert.equal(
      parseLabelSelector(selector).every(holds => holds(LABELS)),
      expected,
    )
  })

const BROKEN = ['=', 'a in', 'a in (b', 'a in b', 'a=b c', 'a=-', '-a', 'a>b', 'a b', 'a,,b', 'a!b', '/a']

for (const selector of [...BROKEN, 'x'.repeat(64), 'a'.repeat(9000)])
  it(`parseLabelSelector() refuses "${selector.slice(0, 70)}" with a 400`, () => {
    assert.throws(() => parseLabelSelector(selector), { name: 'StatusError', code: 400 })
  })

it('parseLabelSelector() has an answer to everything', () => {
  const words = fc.constantFrom(
    '=',
    '!',
    '!=',
    '==',
    '(',
    ')',
    ',',
    '<',
    '>',
    'in',
    'notin',
    ' ',
    'a',
    '/',
    '\\',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 20 }).map(all => all.join('')),
  )
  fc.assert(
    fc.property(texts, text => {
      try {
        for (const holds of parseLabelSelector(text)) assert.equal(typeof holds({ a: '1' }), 'boolean')
      } catch (thrown) {
        assert.ok(thrown instanceof StatusError)
        assert.equal(thrown.code, 400)
      }
    }),
    inputs(),
  )
})
