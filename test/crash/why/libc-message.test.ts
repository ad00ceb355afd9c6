import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sentenceOfLibc } from '../../../crash/why/libc-message.ts'

/** What glibc 2.36 said of real programs, and what a person is told. */
const SAID: readonly (readonly [string, string])[] = [
  [
    "bugs: test/crashers/why/bugs.c:27: check_balance: Assertion `balance >= 0' failed.",
    "Assertion `balance >= 0' failed in check_balance (bugs.c:27)",
  ],
  [
    'a.out: a b.cpp:3: int shop::Cart::total(int) const: Assertion `a::b(x) && "x: y"\' failed.',
    'Assertion `a::b(x) && "x: y"\' failed in int shop::Cart::total(int) const (b.cpp:3)',
  ],
  ["two.c:4: Assertion `b>=0' failed.", "Assertion `b>=0' failed (two.c:4)"],
  [
    'free(): double free detected in tcache 2',
    'memory was freed twice (free(): double free detected in tcache 2)',
  ],
  ['double free or corruption (!prev)', 'memory was freed twice (double free or corruption (!prev))'],
  [
    'munmap_chunk(): invalid pointer',
    'what was freed is no memory of malloc() (munmap_chunk(): invalid pointer)',
  ],
  [
    'malloc(): corrupted top size',
    'memory of malloc() was overwritten, earlier and maybe elsewhere (malloc(): corrupted top size)',
  ],
  [
    'corrupted size vs. prev_size',
    'memory of malloc() was overwritten, earlier and maybe elsewhere (corrupted size vs. prev_size)',
  ],
  [
    '*** stack smashing detected ***: terminated',
    'a function wrote past the end of a local buffer (stack smashing detected)',
  ],
  [
    '*** buffer overflow detected ***: terminated',
    'a function of libc was about to write past the end of a buffer (buffer overflow detected)',
  ],
  ['Fatal glibc error: cannot get entropy.', 'aborted: Fatal glibc error: cannot get entropy'],
  ['Unexpected error 9 on netlink descriptor 3.', 'aborted: Unexpected error 9 on netlink descriptor 3'],
]

for (const [said, sentence] of SAID)
  it(`sentenceOfLibc() of "${said}"`, () => {
    assert.equal(sentenceOfLibc(said), sentence)
  })
