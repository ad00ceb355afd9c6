import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { livePanic, type PanickingFrame } from '../../../crash/why/live-panic.ts'
import { panicsOnStack } from '../../../crash/why/rust-panic.ts'
import { inputs } from '../../inputs.ts'
import { memoryOf, type Piece } from './pieces-of-memory.ts'

const STACK = 0x7fff_0000_0000n
const [TABLE, LOCATION, FILE, HEAP] = [0x55_0000_1000n, 0x55_0000_2000n, 0x55_0000_3000n, 0x56_0000_0000n]
const PAYLOAD = STACK + 0x100n
const HOOK = STACK + 0x40n

const hex = (...words: readonly bigint[]) => Buffer.from(BigUint64Array.from(words).buffer).toString('hex')
const text = (characters: string) => Buffer.from(characters).toString('hex')
const piece = (address: bigint, bytes: string, zeros = 0): Piece => ({
  address: `0x${address.toString(16)}`,
  bytes,
  zeros,
})

interface Made {
  readonly words?: string
  /** What is on the stack where the value is. */
  readonly value?: readonly bigint[]
  readonly valueBytes?: bigint
  readonly file?: string
  readonly line?: bigint
  /** Between the value's table and its place. */
  readonly message?: readonly bigint[]
  readonly payload?: bigint
}

/** The memory of a program that panicked with a String. */
function panicked(made: Made = {}): readonly Piece[] {
  const { words = 'balance -12', file = 'src/main.rs', line = 12n, valueBytes = 24n, message = [] } = made
  const { payload = PAYLOAD } = made
  const length = BigInt(Buffer.byteLength(words))
  const stack = Buffer.alloc(1024)
  const put = (address: bigint, values: readonly bigint[]) =>
    values.forEach((value, at) => void stack.writeBigUInt64LE(value, Number(address - STACK) + 8 * at))
  put(HOOK, [payload, TABLE, ...message, LOCATION, 1n])
  put(PAYLOAD, made.value ?? [length, HEAP, length])
  return [
    piece(STACK, stack.toString('hex')),
    piece(TABLE, hex(0x55_0000_0000n, valueBytes, 8n, 0x55_0000_0100n)),
    piece(LOCATION, hex(FILE, BigInt(Buffer.byteLength(file)), line | (5n << 32n))),
    piece(FILE, text(file)),
    piece(HEAP, text(words), 8),
  ]
}

const FRAMES: readonly PanickingFrame[] = [
  { stackPointer: STACK, functionName: 'abort' },
  { stackPointer: STACK + 0x20n, functionName: 'std::panicking::panic_with_hook' },
  { stackPointer: STACK + 0x80n, functionName: 'std::panicking::panic_handler::{closure#0}' },
  { stackPointer: STACK + 0x180n, functionName: 'shop::pay' },
]

function panicIn(memory: readonly Piece[], frames = FRAMES) {
  return livePanic(panicsOnStack(memoryOf(memory), STACK), frames)
}

const PLACE = 'src/main.rs:12:5'
const SAID = { place: PLACE, words: 'balance -12' }
const LENGTH = 11n

const MADE: readonly (readonly [string, Made, object | null])[] = [
  ['a String', {}, SAID],
  ['a String as the compiler may order it', { value: [HEAP, 64n, LENGTH] }, SAID],
  ['a &str', { value: [HEAP, LENGTH], valueBytes: 16n }, SAID],
  ['a message that was formatted', { value: [32n, HEAP, LENGTH, STACK], valueBytes: 32n }, SAID],
  ['the same in another order', { value: [STACK, 32n, HEAP, LENGTH], valueBytes: 32n }, SAID],
  ['a release before 1.81', { message: [STACK + 0x200n] }, SAID],
  ['a name with a NUL', { file: 'src/main.rs\0' }, SAID],
  ['lines', { words: 'no\n  left: 7\n right: 8' }, { place: PLACE, words: 'no; left: 7; right: 8' }],
  ['what nobody sees', { words: 'a\x1b[2Jb' }, { place: PLACE, words: 'a\\x1b[2Jb' }],
  ['a number', { valueBytes: 8n }, { place: PLACE }],
  ['an empty String', { words: '' }, { place: PLACE }],
  ['what is no text', { value: [HEAP, LENGTH], valueBytes: 16n, words: '' }, { place: PLACE }],
  ['a text that is not at hand', { value: [HEAP + 0x1000n, LENGTH], valueBytes: 16n }, { place: PLACE }],
  ['a file of C', { file: 'src/main.c' }, null],
  ['line 0', { line: 0n }, null],
  ['a value that is nowhere on the stack', { payload: 1n }, null],
  ['a table that is none', { valueBytes: 1n << 40n }, null],
]
for (const [what, made, expected] of MADE) {
  it(`panicsOnStack() of a panic with ${what}`, () => {
    const memory = panicked(made)
    const damaged = what === 'what is no text' ? withoutText(memory) : memory
    assert.deepEqual(panicIn(damaged), expected)
  })
}

function withoutText(memory: readonly Piece[]): readonly Piece[] {
  return [...memory.slice(0, -1), piece(HEAP, 'fffefdfcfbfaf9f8f7f6f5f4', 8)]
}

it('panicsOnStack() cuts a long text between two characters', () => {
  const { words = '' } = panicIn(panicked({ words: `x${'ä'.repeat(600)}` })) ?? {}
  assert.match(words, /^xä{500,511}…$/)
})

it('livePanic() is none that lies in one frame with its value: an earlier one has left it', () => {
  const large = FRAMES.filter((_, at) => at !== 2)
  assert.equal(panicIn(panicked(), large), null)
  assert.equal(panicIn(panicked(), []), null)
})

it('livePanic() is none in a function that is not of the standard library', () => {
  const named = (functionName: string | null) =>
    FRAMES.map((frame, at) => (at === 1 ? { ...frame, functionName } : frame))
  assert.equal(panicIn(panicked(), named('shop::abort_all')), null)
  assert.deepEqual(panicIn(panicked(), named(null)), SAID)
  assert.deepEqual(panicIn(panicked(), named('std[e28293b1aa0f68bd]::panicking::panic_with_hook')), SAID)
})

it('livePanic() says no words where two are at one place in one frame', () => {
  const [panic] = panicsOnStack(memoryOf(panicked()), STACK)
  assert.ok(panic)
  const other = { ...panic, address: panic.address + 8n }
  assert.deepEqual(livePanic([panic, { ...other, words: 'another' }], FRAMES), { place: PLACE })
  assert.deepEqual(livePanic([panic, other], FRAMES), SAID)
})

it('panicsOnStack() of damaged memory is short, and throws nothing', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 10 })
  fc.assert(
    fc.property(fc.constantFrom(...MADE), damage, ([, made], changes) => {
      const damaged = panicked(made).map(({ bytes, ...rest }) => ({
        ...rest,
        bytes: changed(bytes, changes),
      }))
      for (const { place, words = '' } of panicsOnStack(memoryOf(damaged), STACK)) {
        assert.ok(place.length < 600 && words.length <= 1024)
        assert.doesNotMatch(place + words, /\p{Cc}/u)
      }
    }),
    inputs(500),
  )
})

function changed(hexadecimal: string, changes: readonly (readonly [number, number])[]): string {
  const bytes = Buffer.from(hexadecimal, 'hex')
  for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
  return bytes.toString('hex')
}
