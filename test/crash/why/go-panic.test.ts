import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { goPanic } from '../../../crash/why/go-panic.ts'
import { inputs } from '../../inputs.ts'
import { memoryOf } from './pieces-of-memory.ts'
import { recordedReads } from './recorded-reads.ts'

const RECORDED = recordedReads('panics.jsonl')

const SAID: Readonly<Record<string, string | null>> = {
  nil: 'runtime error: invalid memory address or nil pointer dereference',
  map: 'assignment to entry in nil map',
  panic: 'boom',
  idx: 'runtime error: index out of range [7] with length 1',
  go: 'runtime error: invalid memory address or nil pointer dereference',
  sort: 'file already exists',
  // No panic: "all goroutines are asleep".
  dead: null,
}
for (const { name, threadPointer, memory } of RECORDED) {
  it(`goPanic() of a real program: ${name}`, () => {
    assert.equal(goPanic(memoryOf(memory), [BigInt(threadPointer)]), SAID[name])
  })
}

it('goPanic() is that of the first thread that has one', () => {
  const { threadPointer, memory } = RECORDED.find(({ name }) => name === 'panic')!
  assert.equal(goPanic(memoryOf(memory), [0n, 0x1234n, BigInt(threadPointer)]), 'boom')
  assert.equal(goPanic(memoryOf(memory), []), null)
})

it('goPanic() finds the value where Go before 1.26 has it', () => {
  const words = (...values: bigint[]) => {
    const bytes = Buffer.from(BigUint64Array.from(values).buffer)
    return bytes.toString('hex')
  }
  const memory = memoryOf([
    { address: '0xff8', bytes: words(0x2000n) },
    { address: '0x2000', bytes: words(0x10000n, 0x20000n, 0n, 0n, 0x3000n) },
    // Arguments, value, link.
    { address: '0x3000', bytes: words(0x4444n, 0x5000n, 0x6000n, 0n) },
    { address: '0x5000', bytes: words(16n, 8n, 0x1808_0800_0000_0000n) },
    { address: '0x6000', bytes: words(0x7000n, 4n) },
    { address: '0x7000', bytes: Buffer.from('boom').toString('hex') },
  ])
  assert.equal(goPanic(memory, [0x1000n]), 'boom')
})

it('goPanic() of damaged memory is one line of visible characters, and throws nothing', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 10 })
  fc.assert(
    fc.property(fc.constantFrom(...RECORDED), damage, ({ threadPointer, memory }, changes) => {
      const damaged = memory.map(piece => {
        const bytes = Buffer.from(piece.bytes, 'hex')
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
        return { ...piece, bytes: bytes.toString('hex') }
      })
      const said = goPanic(memoryOf(damaged), [BigInt(threadPointer)])
      assert.ok(said === null || (said.length <= 1024 && !/\p{Cc}/u.test(said)))
    }),
    inputs(500),
  )
})
