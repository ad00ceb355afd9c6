import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { demangled } from '../../../crash/symbols/demangle.ts'
import { Demangler } from '../../../crash/symbols/demangler.ts'
import { inputs } from '../../inputs.ts'

const NAMES = [
  {
    what: 'C++',
    mangled: '_ZN4shop4Cart5totalERKSt6vectorIiSaIiEE',
    written: 'shop::Cart::total(std::vector<int, std::allocator<int> > const&)',
  },
  { what: 'part of a function of C++', mangled: '_Z3addii.cold', written: 'add(int, int) [clone .cold]' },
  { what: 'Rust', mangled: '_RNvCskwGfYPst2Cb_3foo16example_function', written: 'foo::example_function' },
  { what: 'Rust, the old way', mangled: '_ZN4shop4cart17h05af221e174051e9E', written: 'shop::cart' },
]
for (const { what, mangled, written } of NAMES)
  it(`demangled() has a name of ${what} as it was written`, () => {
    assert.equal(demangled(mangled), written)
  })

const OTHERS = [
  'main',
  '_start',
  '__libc_start_main',
  '_ZN',
  '_Z',
  '_R',
  '_Zürich',
  '',
  '?f@@YAXXZ',
  'main.main',
]
for (const name of OTHERS)
  it(`demangled() leaves ${JSON.stringify(name)} as it is`, () => {
    assert.equal(demangled(name), name)
  })

/** Stands for gigabytes. */
const BOMB = `_Z1f1pIiiE${Array.from({ length: 40 }, (_, level) => `S_I${seen(level + 1).repeat(2)}E`).join('')}`

it('a Demangler goes on behind a name that stands for gigabytes', () => {
  const demangler = new Demangler()
  assert.ok(BOMB.length < 500)
  assert.equal(demangler.demangled(BOMB), BOMB)
  assert.equal(demangler.demangled('_Z3addii'), 'add(int, int)')
})

it('a Demangler goes on behind a name that has no end', () => {
  const demangler = new Demangler(() => name => {
    while (name === 'endless') name.at(0)
    return `${name}()`
  })
  assert.equal(demangler.demangled('endless'), 'endless')
  assert.equal(demangler.demangled('short'), 'short()')
})

it('a Demangler ends its work when names do that again and again', () => {
  const demangler = new Demangler()
  for (let count = 0; count < 100; count += 1) demangler.demangled(BOMB)
  assert.equal(demangler.demangled('_Z3addii'), '_Z3addii')
})

it('a Demangler goes on behind a name that is nested deeply', () => {
  const demangler = new Demangler()
  demangler.demangled(`_Z1f${'P'.repeat(2000)}i`)
  assert.equal(demangler.demangled('_Z3addii'), 'add(int, int)')
})

const PIECES = [
  'S_',
  'S0_',
  'S1_',
  'T_',
  'T0_',
  'I',
  'E',
  'N',
  'J',
  'X',
  'L',
  'Dp',
  'F',
  'v',
  'i',
  'P',
  'K',
  '1a',
]
it('demangled() throws nothing and is no longer than it may, whatever the name', () => {
  const name = fc.array(
    fc.constantFrom(...PIECES, 'St', 'Sa', 'cv', 'sr', 'cl', 'Ul', 'Z', 'B', 'C1', 'R', 'h', 'M'),
    {
      maxLength: 200,
    },
  )
  const prefix = fc.constantFrom('_Z', '_ZN', '_R', '_RNv', '_RINv', '_Z1f', '_ZN1aI')
  fc.assert(
    fc.property(prefix, name, (before, pieces) => {
      demangled(before + pieces.join(''))
    }),
    inputs(300),
  )
})

/** The `index`th part of a name that may be repeated. */
function seen(index: number): string {
  return index === 0 ? 'S_' : `S${(index - 1).toString(36).toUpperCase()}_`
}
