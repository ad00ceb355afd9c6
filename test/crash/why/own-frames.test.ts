import assert from 'node:assert/strict'
import { it } from 'node:test'
import { certainFrames, ownFrames, specificFrames } from '../../../crash/why/own-frames.ts'
import { STACKS } from './recorded-stack.ts'

const OWN: readonly (readonly [string, readonly string[]])[] = [
  ['cpp at', ['main::{lambda()#1}::operator()() const', 'main']],
  ['cpp pure', ['shop::Base::go()', 'shop::Base::Base()', 'shop::D::D()', 'main']],
  [
    'cpp sort',
    [
      'bool shop::Box<std::vector<int, std::allocator<int> > >::open()::{lambda(auto:1, auto:2)#1}::operator()<int, int>(int, int) const',
      'shop::Box<std::vector<int, std::allocator<int> > >::open()',
      'main',
    ],
  ],
  ['cpp thread', ['main::{lambda()#2}::operator()() const']],
  ['cpp joinable', ['main']],
  ['cpp fn', ['(anonymous namespace)::hidden(int*)', 'main']],
  ['cpp assert', ['main']],
  ['cpp free', ['main']],
  ['cpp strlen', ['main']],
  [
    'cpp qsort',
    ['main::{lambda(void const*, void const*)#4}::operator()(void const*, void const*) const', 'main'],
  ],
  ['cpp-static at', ['main::{lambda()#1}::operator()() const', 'main']],
  ['cpp-static assert', ['main']],
  ['cpp-static free', ['main']],
  ['cpp-static strlen', ['main']],
  ['rust unwrap', ['shop::shop::pay::hbbc59b40219d67f6', 'shop::main::h00330a5efbb668ba', 'main']],
  ['rust idx', ['shop::shop::idx::h60bdafd9316cc6fc', 'shop::main::h00330a5efbb668ba', 'main']],
  ['rust over', ['shop::shop::over::hd2e7c3a99534aa37', 'shop::main::h00330a5efbb668ba', 'main']],
  [
    'rust fmt',
    ['<shop::W as core::fmt::Display>::fmt::h6885a3b5a6c186ff', 'shop::main::h00330a5efbb668ba', 'main'],
  ],
  ['rust closure', ['shop::main::{{closure}}::h66153f185211e242', 'shop::main::h00330a5efbb668ba', 'main']],
  ['rust thread', ['shop::shop::pay::hbbc59b40219d67f6', 'shop::main::{{closure}}::h9956e2c2b1288048']],
  ['rust abort', ['shop::main::h00330a5efbb668ba', 'main']],
  ['rust null', ['shop::main::h00330a5efbb668ba', 'main']],
  ['go nil', ['main.main']],
  ['go map', ['main.main']],
  ['go panic', ['main.main']],
  ['go idx', ['main.main']],
  ['go go', ['main.main.func2']],
  ['go sort', ['main.main.func3', 'main.main']],
  ['go gen', ['main.main']],
  ['go dead', []],
  ['go overflow', []],
]
for (const [name, own] of OWN) {
  it(`ownFrames() of a real stack: ${name}`, () => {
    const functions = ownFrames(STACKS.get(name)!).map(({ functionName }) => functionName)
    assert.deepEqual(functions, own)
  })
}

it('ownFrames() are tested with all that was recorded', () => {
  assert.deepEqual(
    OWN.map(([name]) => name),
    [...STACKS.keys()],
  )
})

const frame = (functionName: string | null, module = '/srv/app', trust = 'cfi') => ({
  functionName,
  module,
  buildId: 'b1',
  offset: 0x1000n,
  trust,
})

it('ownFrames() are none of libc, of the kernel, of no file, or of an interpreter', () => {
  const frames = [
    frame('abort', '/lib/ld-musl-x86_64.so.1'),
    frame('__kernel_vsyscall', '[vdso]'),
    frame('Function:~run', ''),
    frame('_PyEval_EvalFrameDefault', '/usr/bin/python3.11'),
    frame(null, '/usr/lib/python3/dist-packages/numpy/core/_multiarray.so'),
  ]
  assert.deepEqual(ownFrames(frames), frames.slice(-1))
})

it('ownFrames() are none of the maps of Rust, which are inlined from a crate that its library is made with', () => {
  const frames = [
    frame('hashbrown::raw::RawIterRange<T>::fold_impl'),
    frame('<hashbrown::map::Iter<K,V> as core::iter::traits::iterator::Iterator>::fold'),
    frame('<shop::Cart as hashbrown::Equivalent<str>>::equivalent'),
  ]
  assert.deepEqual(ownFrames(frames), frames.slice(-1))
})

it('ownFrames() takes a function for one of Go only in a program of Go', () => {
  assert.equal(ownFrames([frame('sort.constprop.0'), frame('log')]).length, 2)
  assert.deepEqual(ownFrames([frame('sort.Slice'), frame('main.main'), frame('runtime.main')]), [
    frame('main.main'),
  ])
})

it('specificFrames() go without names, but for those of Go', () => {
  const frames = [frame('abort'), frame('std::terminate()'), frame('main'), frame('start', '/lib/libc.so.6')]
  assert.deepEqual(specificFrames(frames), frames.slice(0, 3))
  const ofGo = [frame('runtime.gopanic'), frame('sort.Slice'), frame(null), frame('runtime.goexit')]
  assert.deepEqual(specificFrames(ofGo), ofGo.slice(1, 3))
})

it('certainFrames() end where one was guessed', () => {
  const frames = [frame('a'), frame('b', '/srv/app', 'fp'), frame('c', '/srv/app', 'scan'), frame('d')]
  assert.deepEqual(certainFrames(frames), frames.slice(0, 2))
})
