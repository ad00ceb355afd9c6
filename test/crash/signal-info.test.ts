import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type SignalInfo, signalInfoIn } from '../../crash/signal-info.ts'

interface Case {
  readonly name: string
  readonly words: readonly number[]
  readonly addressBytes: 4 | 8
  readonly info: SignalInfo | null
}

const cases: readonly Case[] = [
  {
    name: 'a fault',
    words: [11, 0, 1, 0, 0x18, 0x7f00],
    addressBytes: 8,
    info: { number: 11, code: 1, address: 0x7f00_0000_0018n },
  },
  {
    name: 'the sender of kill(2)',
    words: [6, 0, 0, 0, 4711, 1000],
    addressBytes: 8,
    info: { number: 6, code: 0, address: 0x3e8_0000_1267n, pid: 4711, uid: 1000 },
  },
  {
    name: 'the sender of tgkill(2), of a 32-bit process',
    words: [6, 0, -6, 4711, 1000],
    addressBytes: 4,
    info: { number: 6, code: -6, address: 4711n, pid: 4711, uid: 1000 },
  },
  {
    name: 'no sender of a timer, whose number stands there',
    words: [6, 0, -2, 0, 7, 0],
    addressBytes: 8,
    info: { number: 6, code: -2, address: 7n },
  },
  {
    name: 'the system call that seccomp refused',
    words: [31, 0, 1, 0, 0x18, 0, 165, 0xc000_003e | 0],
    addressBytes: 8,
    info: { number: 31, code: 1, address: 0x18n, systemCall: 165 },
  },
  {
    name: 'the same, of a 32-bit process',
    words: [31, 0, 1, 0x18, 21, 0x4000_0003],
    addressBytes: 4,
    info: { number: 31, code: 1, address: 0x18n, systemCall: 21 },
  },
  { name: 'nothing of what is cut off', words: [11, 0, 1, 0, 0x18], addressBytes: 8, info: null },
  { name: 'nothing of no signal', words: [0, 0, 1, 0, 0x18, 0], addressBytes: 8, info: null },
]
for (const { name, words, addressBytes, info } of cases) {
  it(`signalInfoIn() tells ${name}`, () => {
    const bytes = Buffer.alloc(4 * words.length)
    for (const [index, word] of words.entries()) bytes.writeInt32LE(word, 4 * index)
    assert.deepEqual(signalInfoIn(bytes, addressBytes), info)
  })
}
