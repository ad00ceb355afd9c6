import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Memory } from '../../../crash/image/memory.ts'
import { abortMessageAt } from '../../../crash/why/abort-message.ts'
import { inputs } from '../../inputs.ts'
import { memoryOf } from './pieces-of-memory.ts'

const FILE = path.join(import.meta.dirname, '../../fixtures/why/aborts.jsonl')
const RECORDED = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line))

const SAID: Readonly<Record<string, string | null>> = {
  assertion: "aborts: aborts.c:6: assertion: Assertion `balance >= 0' failed.",
  two_lines: 'aborts: aborts.c:7: two_lines: Assertion `!"the balance is\\nnegative"\' failed.',
  double_free: 'free(): double free detected in tcache 2',
  smashed_stack: '*** stack smashing detected ***: terminated',
  bad_chunk: 'free(): invalid pointer',
  plain: null,
}
for (const { name, symbol, memory } of RECORDED) {
  it(`abortMessageAt() reads what glibc said: ${name}`, () => {
    assert.equal(abortMessageAt(memoryOf(memory), BigInt(symbol)), SAID[name])
  })
}

const AT = 0x1000n
const message = (sizeBytes: number, text: Buffer, zeros = 0) => {
  const content = Buffer.concat([Buffer.alloc(4), text, Buffer.alloc(zeros)])
  content.writeUInt32LE(sizeBytes)
  const pointer = Buffer.alloc(8)
  pointer.writeBigUInt64LE(0x2000n)
  return memoryOf([
    { address: '0x1000', bytes: pointer.toString('hex') },
    { address: '0x2000', bytes: content.toString('hex') },
  ])
}

const MADE: readonly (readonly [string, Memory, string | null])[] = [
  ['nothing, where nothing is at hand', memoryOf([]), null],
  ['nothing of an empty mapping', message(4, Buffer.from('text\0')), null],
  ['nothing of no text', message(4096, Buffer.alloc(4092)), null],
  ['as much as the mapping has', message(8, Buffer.from('text and no end')), 'tex…'],
  ['what was copied, and says that it goes on', message(4096, Buffer.alloc(200, 'x')), `${'x'.repeat(128)}…`],
  ['a long one in part', message(65536, Buffer.alloc(8192, 'x')), `${'x'.repeat(2047)}…`],
  [
    'no invisible character',
    message(4096, Buffer.from('\x1b[31mred\u202e\xff\0', 'latin1'), 4096),
    '\\x1b[31mred.\\xff',
  ],
]
for (const [name, memory, expected] of MADE) {
  it(`abortMessageAt() has ${name}`, () => assert.equal(abortMessageAt(memory, AT), expected))
}

it('abortMessageAt() of any memory is one line of visible characters', () => {
  const bytes = fc.uint8Array({ maxLength: 4096 }).map(array => Buffer.from(array))
  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (text, sizeBytes) => {
      const said = abortMessageAt(message(sizeBytes, text), AT)
      assert.ok(said === null || (said.length <= 4096 && !/\p{Cc}/u.test(said)))
    }),
    inputs(500),
  )
})
