import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runtimeWordsIn } from '../../../handler/container-log/runtime-words.ts'

const CRASHED_AT = new Date('2026-01-01T00:00:00Z')

function wordsIn(text: string, stream: 'stdout' | 'stderr' = 'stderr', time = '2026-01-01T00:00:00.1Z') {
  return runtimeWordsIn(
    text.split('\n').map(line => ({ time, stream, text: line })),
    CRASHED_AT,
  )
}

/** As the runtimes write them; what follows a `|` is left out. */
const SAID: Readonly<Record<string, string>> = {
  'an assertion of glibc': "two: two.c:4: check: Assertion `b>=0' failed.",
  'an assertion of musl': 'Assertion failed: b >= 0 (two.c: check: 4)',
  'an assertion of libstdc++':
    "/usr/include/c++/12/bits/stl_vector.h:1123: reference std::vector<int>::operator[](size_type): Assertion '__n < this->size()' failed.",
  'the stack protector': '*** stack smashing detected ***: terminated',
  'a fortified function': '*** buffer overflow detected ***: terminated',
  'malloc()': 'malloc(): corrupted top size',
  'free()': 'free(): double free detected in tcache 2',
  'an older free()': 'double free or corruption (fasttop)',
  'the end of a heap': 'corrupted size vs. prev_size',
  glibc:
    'Fatal glibc error: pthread_mutex_lock.c:94 (___pthread_mutex_lock): assertion failed: mutex->__data.__owner == 0',
  'the linker':
    "Inconsistency detected by ld.so: dl-close.c: 765: _dl_close: Assertion `map->l_init_called' failed!",
  'libstdc++': "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no such cart",
  'libc++': 'libc++abi: terminating due to uncaught exception of type std::runtime_error: no such cart',
  AddressSanitizer:
    '==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010\n|    #0 0x4f in main a.c:3\nSUMMARY: AddressSanitizer: heap-use-after-free a.c:3 in main',
  UndefinedBehaviorSanitizer: 'a.c:3:5: runtime error: signed integer overflow: 2147483647 + 1',
  Go: 'panic: runtime error: index out of range [7] with length 3\n|\n|goroutine 1 [running]:\n|main.main()',
  'Go without memory': 'fatal error: runtime: out of memory',
  Rust: "thread 'main' panicked at src/main.rs:12:5:\nno such cart\n|note: run with `RUST_BACKTRACE=1`",
  'Rust of today': "thread 'main' (17) panicked at src/main.rs:12:5:\nno such cart",
  'Rust of before': "thread 'main' panicked at 'no such cart', src/main.rs:12:5",
  'Rust without a stack': "|\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow",
  Java: 'Exception in thread "main" java.lang.IllegalStateException: no such cart\n|\tat Shop.main(Shop.java:3)',
  V8: '#\n# Fatal error in v8::ToLocalChecked\n# Empty MaybeLocal\n|#'.replace('#\n', '|#\n'),
  Node: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  '.NET': 'Unhandled exception. System.InvalidOperationException: no such cart\n|   at Shop.Main()',
  Python: 'Fatal Python error: Segmentation fault\n|\n|Current thread 0x1 (most recent call first):',
  Ruby: 'shop.rb:3: [BUG] Segmentation fault at 0x0000000000000000',
}

for (const [who, text] of Object.entries(SAID)) {
  it(`runtimeWordsIn() has what ${who} says`, () => {
    const lines = text.split('\n')
    const words = wordsIn(
      `starting\n${lines.map(line => line.replace(/^\|/, '')).join('\n')}\nSegmentation fault`,
    )
    assert.deepEqual(
      words,
      lines.filter(line => !line.startsWith('|')),
    )
  })
}

it('runtimeWordsIn() has what the JVM says, which writes to stdout', () => {
  const text = `#
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007f, pid=1, tid=7
#
# Problematic frame:
# C  [libshop.so+0x1109]  Java_Shop_pay+0x9
#
# An error report file with more information is saved as:
# /app/hs_err_pid1.log`
  assert.deepEqual(wordsIn(text, 'stdout'), [
    '# A fatal error has been detected by the Java Runtime Environment:',
    '#  SIGSEGV (0xb) at pc=0x00007f, pid=1, tid=7',
    '# Problematic frame:',
    '# C  [libshop.so+0x1109]  Java_Shop_pay+0x9',
    '# /app/hs_err_pid1.log',
  ])
})

it('runtimeWordsIn() has nothing that a program says of itself', () => {
  const own = [
    'customer 4711 paid by card 4111',
    'Error: panic: in the middle of a line',
    ' panic: indented',
    '2026/01/01 00:00:00 fatal error: cart',
    '{"level":"fatal","msg":"panic: x"}',
    'Assertion of a customer failed',
    '# A heading',
    'what(): at the beginning',
    'free(): ',
  ]
  assert.deepEqual(wordsIn(own.join('\n')), [])
  assert.deepEqual(wordsIn('panic: on stdout, where no runtime of Go writes', 'stdout'), [])
})

it('runtimeWordsIn() has the last five, each once, and none of before', () => {
  const text = Array.from({ length: 9 }, (_, at) => `panic: ${at}`).join('\n')
  assert.deepEqual(wordsIn(`${text}\npanic: 8`), ['panic: 4', 'panic: 5', 'panic: 6', 'panic: 7', 'panic: 8'])
  assert.deepEqual(wordsIn('panic: recovered', 'stderr', '2025-12-31T23:59:00Z'), [])
  assert.deepEqual(wordsIn('panic: when?', 'stderr', 'no time'), [])
})

it('runtimeWordsIn() has no line that another thread wrote between two of the JVM or of V8', () => {
  const frame = '# Problematic frame:'
  assert.deepEqual(wordsIn(`${frame}\npaid by ann@shop.example`, 'stdout'), [frame])
  const fatal = '# Fatal error in v8::ToLocalChecked'
  assert.deepEqual(wordsIn(`${fatal}\npaid by ann@shop.example`), [fatal])
})
