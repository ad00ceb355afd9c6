import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { plainName } from '../../../crash/why/plain-name.ts'
import { inputs } from '../../inputs.ts'

const NAMES: readonly (readonly [string, string])[] = [
  ['main', 'main'],
  ['is_const', 'is_const'],
  ['shop::Cart::total(std::vector<int, std::allocator<int> > const&) const', 'shop::Cart::total'],
  [
    'bool shop::Box<std::vector<int> >::open()::{lambda(auto:1, auto:2)#1}::operator()<int, int>(int, int) const',
    'shop::Box::open::{lambda#}::operator{2829}',
  ],
  ['void std::__invoke_impl<void, main::{lambda()#1}>(main::{lambda()#1}&&)', 'std::__invoke_impl'],
  ['std::__throw_out_of_range_fmt(char const*, ...) [clone .cold]', 'std::__throw_out_of_range_fmt'],
  ['(anonymous namespace)::hidden(int*)', '{anonymous}::hidden'],
  ['bool operator< <int>(A<int> const&, A<int> const&)', 'operator{3c}'],
  ['std::ostream& a::operator<< <char>(std::ostream&)', 'a::operator{3c3c}'],
  ['X::operator->() const', 'X::operator{2d3e}'],
  ['X::operator<=>(X const&) const &', 'X::operator{3c3d3e}'],
  ['X::operator[](int)', 'X::operator{5b5d}'],
  ['X::operator unsigned long() const', 'X::operator_unsigned_long'],
  ['operator new[](unsigned long)', 'operator_new{array}'],
  ["main::'lambda0'(int)::operator()(int) const", "main::'lambda'::operator{2829}"],
  ['main::$_0::operator()(int) const', 'main::$_::operator{2829}'],
  ['shop::pay::h0123456789abcdef', 'shop::pay'],
  ['shop[8d7f5b2c4f6a1e33]::pay', 'shop::pay'],
  ['shop::main::{closure#0}', 'shop::main::{closure#}'],
  ['shop::main::{{closure}}::hd9b84cb7ff43e1b6', 'shop::main::{{closure}}'],
  ['core::option::Option<u8>::unwrap', 'core::option::Option::unwrap'],
  ['<shop::W as core::fmt::Display>::fmt', '{shop::W as core::fmt::Display}::fmt'],
  ['<alloc::vec::Vec<T> as core::ops::Index<I>>::index', '{alloc::vec::Vec as core::ops::Index}::index'],
  ['<fn() -> i32 as core::ops::FnOnce<()>>::call_once', '{fn → i32 as core::ops::FnOnce}::call_once'],
  ['main.(*Server).Serve', 'main.{*Server}.Serve'],
  ['main.Map[go.shape.int]', 'main.Map'],
  ['main.main.func1.2', 'main.main.func'],
  ['main.main.main.func1.func6', 'main.main.main.func.func'],
  ['main.run.gowrap1', 'main.run.gowrap'],
  ['net/http.(*conn).serve', 'net/http.{*conn}.serve'],
  ['work.constprop.0', 'work'],
  ['work.isra.0.part.1.cold', 'work'],
  ['work.llvm.1234567890', 'work'],
  ['free@@GLIBC_2.2.5', 'free'],
  ['work@plt', 'work'],
  // Cut off before its brackets close.
  ['shop::Cart<std::vector<std::pair<std::string, s…', 'shop::Cart'],
]
for (const [name, plain] of NAMES) {
  it(`plainName() of ${name}`, () => assert.equal(plainName(name), plain))
}

it('plainName() of any name is no longer than twice the name', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '->',
    'operator',
    ' ',
    '::',
    '.',
    'a',
  )
  const names = fc.oneof(
    fc.string({ maxLength: 600 }),
    fc.array(pieces, { maxLength: 400 }).map(a => a.join('')),
  )
  fc.assert(
    fc.property(names, name => {
      assert.ok(plainName(name).length <= 2 * name.length)
    }),
    inputs(1000),
  )
})
