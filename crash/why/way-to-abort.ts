import type { Reason } from './reason-code.ts'

/** Of panics of Rust that end the process in any case. */
export const WHILE_PANICKING = 'Rust panic while another one was being handled'
export const WITHOUT_UNWINDING = 'Rust panic in a function that may not unwind, such as one that C calls'

export const OVERWRITTEN_BUFFER = 'a function wrote past the end of a local buffer'

/** Functions that say by their names why abort() was called, the most telling first. */
const WAYS: readonly (readonly [RegExp, Reason])[] = [
  [
    /^__cxa_(?:pure|deleted)_virtual$/,
    {
      code: 'abort',
      sentence: 'a virtual function was called of an object that was being built, or was destroyed already',
    },
  ],
  [/^__stack_chk_fail/, { code: 'abort', sentence: OVERWRITTEN_BUFFER }],
  [
    /^(?:core|std)::panicking::panic_in_cleanup|^std::panicking::rust_panic_with_hook::double/,
    { code: 'panic', sentence: WHILE_PANICKING },
  ],
  [
    /^core::panicking::panic_(?:cannot_unwind|no_unwind|nounwind)/,
    { code: 'panic', sentence: WITHOUT_UNWINDING },
  ],
  [/^core::panicking::panic_bounds_check/, { code: 'panic', sentence: 'Rust panic: index out of bounds' }],
  [
    /^core::option::(?:unwrap_failed|expect_failed)|^core::result::unwrap_failed/,
    { code: 'panic', sentence: 'Rust panic: unwrap() or expect() of None or of an error' },
  ],
  [/^(?:core|std)::panicking::|^rust_(?:panic|begin_unwind)$/, { code: 'panic', sentence: 'Rust panic' }],
  // Of Node.js. What an uncaught exception calls may call process.abort().
  [
    /^v8::internal::Heap::FatalProcessOutOfMemory\(/,
    { code: 'abort', sentence: 'the heap of JavaScript is full (--max-old-space-size is its limit)' },
  ],
  [/^node::Abort\(v8::/, { code: 'abort', sentence: 'process.abort() was called' }],
  [
    /^v8::internal::Isolate::CreateMessageOrAbort\(|^node::errors::TriggerUncaughtException\(/,
    { code: 'exception', sentence: 'uncaught exception of JavaScript' },
  ],
  [/^V8_Fatal\(/, { code: 'abort', sentence: 'a check of V8 itself failed' }],
]
/** A panic takes some fifteen to where it began. */
const MOST_FUNCTIONS = 32

/**
 * What a program gave up for, by the functions on its stack, the innermost first; `null`: they do not say.
 */
export function reasonOfWay(functions: readonly string[]): Reason | null {
  const looked = functions.slice(0, MOST_FUNCTIONS)
  const way = WAYS.find(([pattern]) => looked.some(name => pattern.test(name)))?.[1]
  return way ?? (isTerminatedUnthrown(looked) ? TERMINATED : null)
}

const TERMINATED: Reason = {
  code: 'abort',
  sentence:
    'std::terminate() was called though nothing was thrown (as when a std::thread is destroyed that was not joined)',
}

function isTerminatedUnthrown(functions: readonly string[]): boolean {
  return functions.includes('std::terminate()') && !functions.some(name => /^__cxa_(?:re)?throw$/.test(name))
}
