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
const STRING = 'NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE'
const LIBCXX_STRING = 'NSt3__112basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEEE'
NAMES.push(
  {
    what: 'C++ with a string',
    mangled: `_Z9load_cartRK${STRING}E`,
    written: 'load_cart(std::string const&)',
  },
  { what: 'C++ with a string of libc++', mangled: `_Z1f${LIBCXX_STRING}`, written: 'f(std::string)' },
  {
    what: 'C++ with strings in templates',
    mangled: `_ZN3BoxI${STRING}EE4openESt6vectorIS5_SaIS5_EE`,
    written: 'Box<std::string>::open(std::vector<std::string, std::allocator<std::string> >)',
  },
  {
    what: 'C++ with a view of a string',
    mangled: '_Z1fSt17basic_string_viewIcSt11char_traitsIcEE',
    written: 'f(std::string_view)',
  },
  {
    what: 'a member of a string, as debuggers have it',
    mangled: `_Z${STRING}6appendERKS4_`,
    written:
      'std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(std::string const&)',
  },
)
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

/** Each level has the one before twice. */
function bomb(levels: number): string {
  const doubled = Array.from({ length: levels }, (_, level) => `S_I${seen(level + 1).repeat(2)}E`)
  return `_Z1f1pIiiE${doubled.join('')}`
}

/** Stands for gigabytes. */
const BOMB = bomb(40)

it('a Demangler goes on behind a name that stands for gigabytes', () => {
  const demangler = new Demangler()
  assert.ok(BOMB.length < 500)
  assert.equal(demangler.demangled(BOMB), BOMB)
  assert.equal(demangler.demangled('_Z3addii'), 'add(int, int)')
})

it('a name is written or not by the steps that it takes, however fast the machine is', () => {
  const demangler = new Demangler()
  assert.match(demangler.demangled(bomb(8)), /^f\(p<int, int>, /)
  assert.equal(demangler.demangled(bomb(12)), bomb(12))
})

it('a Demangler ends at a name of Rust that stands for gigabytes', () => {
  const name = bombOfRust(60)
  assert.equal(new Demangler().demangled(name), name)
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

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Each level is a tuple that has the one before twice, by its place behind `_R`. */
function bombOfRust(levels: number): string {
  let [name, place] = ['_RINvC1a1fThhE', 8]
  for (let level = 0; level < levels; level += 1) {
    const before = `B${inBase62(place - 1)}`
    place = name.length - 2
    name += `T${before}${before}E`
  }
  return `${name}E`
}

function inBase62(value: number): string {
  return `${value < 62 ? '' : DIGITS[Math.floor(value / 62)]}${DIGITS[value % 62]}_`
}
