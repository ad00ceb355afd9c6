import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { demangled } from '../../../crash/symbols/demangle.ts'
import { uncaughtException } from '../../../crash/why/cxx-exception.ts'
import { inputs } from '../../inputs.ts'
import { memoryOf } from './pieces-of-memory.ts'
import { recordedReads } from './recorded-reads.ts'

const RECORDED = recordedReads('exceptions.jsonl')

/** Of thrown.cpp; each has caught three others before. */
const THROWN: Readonly<Record<string, readonly [type: string, what?: string] | null>> = {
  runtime_error: ['std::runtime_error', 'the balance of account 7 is negative, and that is a long sentence'],
  derived: ['shop::Error', 'no such cart'],
  overridden: ['shop::Other'],
  both: ['shop::Both', 'second base'],
  plain: ['shop::Plain'],
  text: ['char const*', 'only text'],
  string: ['std::string', 'a std::string'],
  number: ['int', '42'],
  at: ['std::out_of_range', 'basic_string::at: __n (which is 99) >= this->size() (which is 2)'],
  stoi: ['std::invalid_argument', 'stoi'],
  bad_alloc: ['std::bad_alloc'],
  system_error: ['std::system_error', 'open /etc/shop.conf: No such file or directory'],
  noexcept: ['shop::Error', 'in noexcept'],
  nested: ['std::logic_error', 'inner'],
  rethrown: ['std::runtime_error', 'kept'],
  again: ['std::runtime_error', 'thrown again'],
  thread: ['std::runtime_error', 'in a thread'],
  joinable: null,
  terminate: null,
  abort: null,
}
for (const { name, stackPointer, memory } of RECORDED) {
  it(`uncaughtException() of a real program: ${name}`, () => {
    const [type, what] = THROWN[name] ?? []
    const expected = type === undefined ? null : what === undefined ? { type } : { type, what }
    assert.deepEqual(uncaughtException(memoryOf(memory), BigInt(stackPointer), demangled), expected)
  })
}

it('uncaughtException() is tested with all that was recorded', () => {
  assert.deepEqual(
    RECORDED.map(({ name }) => name),
    Object.keys(THROWN),
  )
})

it('uncaughtException() of damaged memory is short, and throws nothing', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 })
  fc.assert(
    fc.property(fc.constantFrom(...RECORDED), damage, ({ stackPointer, memory }, changes) => {
      const damaged = memory.map(piece => ({ ...piece, bytes: changed(piece.bytes, changes) }))
      const found = uncaughtException(memoryOf(damaged), BigInt(stackPointer), symbol => symbol)
      assert.ok(found === null || (found.type.length <= 300 && (found.what ?? '').length <= 1024))
    }),
    inputs(500),
  )
})

const word = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.toString('hex')
}
const STACK = 0x20_0000n
/** One on the stack whose class is its own base, with so many handlers at work. */
const withHandlers = (count: number) =>
  memoryOf([
    { address: '0x200000', bytes: word(0x30_0050n), zeros: 504 },
    {
      address: '0x300000',
      bytes: `${word(0x40_0000n)}${'0'.repeat(64)}0${count}000000${'0'.repeat(72)}002b2b4343554e47`,
      zeros: 64,
    },
    { address: '0x400000', bytes: `${word(1n)}${word(0x50_0000n)}${word(0x40_0000n)}`, zeros: 64 },
    { address: '0x500000', bytes: Buffer.from('4Loop').toString('hex'), zeros: 4091 },
  ])

it('uncaughtException() of a class that is its own base ends', () => {
  const found = uncaughtException(withHandlers(1), STACK, symbol => symbol)
  assert.deepEqual(found, { type: '4Loop' })
})

it('uncaughtException() is none that was caught and is over, whose memory was freed', () => {
  const found = uncaughtException(withHandlers(0), STACK, symbol => symbol)
  assert.equal(found, null)
})

function changed(hexadecimal: string, changes: readonly (readonly [number, number])[]): string {
  const bytes = Buffer.from(hexadecimal, 'hex')
  for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
  return bytes.toString('hex')
}
