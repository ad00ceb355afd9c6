import assert from 'node:assert/strict'
import { it } from 'node:test'
import { reasonOf } from '../../../crash/why/reason.ts'
import { reasonOfWay } from '../../../crash/why/way-to-abort.ts'

const GAVE_UP = ['__pthread_kill_implementation', 'raise', 'abort']
const PANIC = ['std::panicking::rust_panic_with_hook', 'rust_begin_unwind', 'core::panicking::panic_fmt']

/** As stacks of GCC 12, rustc 1.63 and rustc 1.95 were. */
const STACKS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  [
    'a pure virtual function',
    [
      ...GAVE_UP,
      '__gnu_cxx::__verbose_terminate_handler()',
      'std::terminate()',
      '__cxa_pure_virtual',
      'A::A()',
    ],
    'a virtual function was called of an object that was being built, or was destroyed already',
  ],
  [
    'a thread that was not joined',
    [...GAVE_UP, '__gnu_cxx::__verbose_terminate_handler()', 'std::terminate()', 'main'],
    'std::terminate() was called though nothing was thrown (as when a std::thread is destroyed that was not joined)',
  ],
  ['an exception', [...GAVE_UP, 'std::terminate()', '__cxa_throw', 'main'], undefined],
  ['a panic', [...GAVE_UP, 'rust_panic', ...PANIC, 'p::main'], 'Rust panic'],
  [
    'an index',
    [...GAVE_UP, ...PANIC, 'core::panicking::panic_bounds_check', 'p::load', 'p::main'],
    'Rust panic: index out of bounds',
  ],
  [
    'an unwrap()',
    [...GAVE_UP, ...PANIC, 'core::result::unwrap_failed', 'p::parse'],
    'Rust panic: unwrap() or expect() of None or of an error',
  ],
  [
    'a second panic',
    [
      ...GAVE_UP,
      ...PANIC,
      'core::panicking::panic_nounwind_nobacktrace',
      'core::panicking::panic_in_cleanup',
    ],
    'Rust panic while another one was being handled',
  ],
  [
    'a panic below C',
    [...GAVE_UP, ...PANIC, 'core::panicking::panic_cannot_unwind', 'p::main::f'],
    'Rust panic in a function that may not unwind, such as one that C calls',
  ],
  [
    'a full heap of JavaScript',
    [
      ...GAVE_UP,
      'node::OOMErrorHandler(char const*, v8::OOMDetails const&)',
      'v8::internal::V8::FatalProcessOutOfMemory(v8::internal::Isolate*, char const*, v8::OOMDetails const&)',
      'v8::internal::Heap::FatalProcessOutOfMemory(char const*)',
    ],
    'the heap of JavaScript is full (--max-old-space-size is its limit)',
  ],
  [
    'process.abort() where an exception was not caught',
    [
      ...GAVE_UP,
      'node::Abort(v8::FunctionCallbackInfo<v8::Value> const&)',
      'node::errors::TriggerUncaughtException(v8::FunctionCallbackInfo<v8::Value> const&)',
    ],
    'process.abort() was called',
  ],
  [
    'a rejected promise',
    [...GAVE_UP, 'node::errors::TriggerUncaughtException(v8::FunctionCallbackInfo<v8::Value> const&)'],
    'uncaught exception of JavaScript',
  ],
  ['abort() alone', [...GAVE_UP, 'main'], undefined],
  ['a name that only looks so', [...GAVE_UP, 'my_rust_panic', 'shop::core::panicking::x'], undefined],
]
for (const [name, functions, sentence] of STACKS)
  it(`reasonOfWay() of ${name}`, () => {
    assert.equal(reasonOfWay(functions)?.sentence, sentence)
  })

it('reasonOf() a trap of V8 is why V8 gave up', () => {
  const trap = { signal: 5, info: { number: 5, code: 0x80, address: 0n } }
  const functions = ['v8::base::OS::Abort()', 'v8::internal::Isolate::CreateMessageOrAbort(x)']
  assert.deepEqual(reasonOf({ ...trap, functions }), {
    code: 'exception',
    sentence: 'uncaught exception of JavaScript',
  })
  assert.equal(
    reasonOf({ ...trap, functions: ['v8::base::OS::Abort()', 'V8_Fatal(char const*, ...)'] }).code,
    'abort',
  )
  assert.match(reasonOf({ ...trap, functions: functions.slice(0, 1) }).sentence, /trap/i)
  assert.match(reasonOf({ ...trap, functions: ['main', ...functions] }).sentence, /trap/i)
})

it('reasonOf() a program that said nothing is by its functions, and by what it said otherwise', () => {
  const functions = [...GAVE_UP, '__cxa_pure_virtual']
  assert.match(reasonOf({ signal: 6, functions }).sentence, /^a virtual function/)
  assert.match(reasonOf({ signal: 6, functions, panic: 'boom' }).sentence, /boom/)
  assert.equal(reasonOf({ signal: 11, functions }).code, 'other')
})
