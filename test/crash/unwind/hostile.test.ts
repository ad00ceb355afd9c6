import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { evaluate } from '../../../crash/unwind/expression.ts'
import { FrameDescriptions } from '../../../crash/unwind/frame-descriptions.ts'
import { rowAt } from '../../../crash/unwind/frame-row.ts'
import { registersIn } from '../../../crash/unwind/registers.ts'
import { type Walk, walk } from '../../../crash/unwind/walk.ts'
import { RecordedProcess, readRecording } from '../../fakes/recorded-process.ts'
import { inputs } from '../../inputs.ts'

const MOST_FRAMES = 128
// A walk of 15 frames reads 200 times; a scan of a stack, or a broken table, makes it more.
const MOST_READS = 20_000
const MOST_BYTES = 32 * 1024 * 1024

const PROCESSES = [
  'abort',
  'alternate-stack',
  'musl',
  'null-call',
  'vdso',
  'go-stripped',
  'aarch64-go',
  'aarch64',
].map(name => new RecordedProcess(readRecording(name)))

/** Bytes that mean something in ELF and DWARF: 0, all bits, long numbers, a signal frame, an expression. */
const BYTE = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 7, 0x0f, 0x16, 0x7f, 0x80, 0xff),
)
const CHANGE = fc.record({ buffer: fc.nat(), at: fc.nat(), byte: BYTE })

it('walk() of a process with any bytes changed ends, throws nothing and reads no more than it needs', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PROCESSES),
      fc.array(CHANGE, { minLength: 1, maxLength: 24 }),
      (process, changes) => {
        const undo = changes.map(change => changed(process, change)).reverse()
        try {
          const { frames, end } = countedWalk(process)
          assert.ok(frames.length >= 1 && frames.length <= MOST_FRAMES && end.length > 0)
        } finally {
          for (const restore of undo) restore()
        }
      },
    ),
    inputs(1000),
  )
})

it('walk() of any registers ends', () => {
  const words = fc.array(
    fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(...NOTABLE)),
    {
      minLength: 34,
      maxLength: 34,
    },
  )
  fc.assert(
    fc.property(fc.constantFrom(...PROCESSES), words, (process, values) => {
      const status = Buffer.alloc(112 + 34 * 8)
      for (const [index, value] of values.entries()) status.writeBigUInt64LE(value, 112 + index * 8)
      countedWalk(process, status)
    }),
    inputs(500),
  )
})

it('an expression of any bytes ends, with a value of 64 bits or none', () => {
  const memory = { read: (_: bigint, lengthBytes: number) => Buffer.alloc(lengthBytes, 0x5a) }
  const values = Array.from({ length: 17 }, (_, index) => BigInt(index) << 40n)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const value = evaluate(Buffer.from(bytes), { values, memory }, [0x7fff_0000n])
      assert.ok(value === null || (value >= 0n && value < 1n << 64n))
    }),
    inputs(5000),
  )
})

it('call frame instructions of any bytes end', () => {
  const description = { ...descriptionOfRaise(), instructions: Buffer.alloc(0) }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(1000), (bytes, distance) => {
      const row = rowAt(
        { ...description, instructions: Buffer.from(bytes) },
        description.start + BigInt(distance),
      )
      assert.ok(row === null || row.rules.size <= 34)
    }),
    inputs(5000),
  )
})

it('an expression and call frame instructions that would go on for ever end', () => {
  const memory = { read: () => null }
  // skip back to the skip; dup for ever
  for (const bytes of ['2ffdff', '122ffcff']) {
    assert.equal(evaluate(Buffer.from(bytes, 'hex'), { values: [], memory }, [1n]), null)
  }
  const description = descriptionOfRaise()
  const remembering = Buffer.alloc(60_000, 0x0a)
  assert.equal(rowAt({ ...description, instructions: remembering }, description.start), null)
})

/** Where numbers of 64 bits, addresses and stacks end. */
const NOTABLE = [
  0n,
  1n,
  8n,
  (1n << 64n) - 1n,
  (1n << 64n) - 8n,
  1n << 63n,
  0x7fff_ffff_f000n,
  0x7fff_ffff_e000n,
]

function descriptionOfRaise() {
  const process = new RecordedProcess(readRecording('abort'))
  const { modules } = process.open()
  const { instruction } = registersIn(process.status, process.machine) ?? { instruction: 0n }
  const module = modules.at(instruction)
  const description = module?.image ? FrameDescriptions.of(module.image).at(instruction - module.bias) : null
  assert.ok(description)
  return description
}

function changed(
  { buffers }: RecordedProcess,
  change: { buffer: number; at: number; byte: number },
): () => void {
  const buffer = buffers[change.buffer % buffers.length] ?? Buffer.alloc(1)
  const at = change.at % buffer.length
  const before = buffer[at] ?? 0
  buffer[at] = change.byte
  return () => {
    buffer[at] = before
  }
}

function countedWalk(process: RecordedProcess, status = process.status): Walk {
  const registers = registersIn(status, process.machine)
  assert.ok(registers)
  const { memory, modules } = process.open()
  let [reads, bytes] = [0, 0]
  const counted = {
    read(address: bigint, lengthBytes: number) {
      assert.ok(address >= 0n && address < 1n << 64n && lengthBytes >= 0)
      reads += 1
      bytes += lengthBytes
      return memory.read(address, lengthBytes)
    },
  }
  const walked = walk(registers, { memory: counted, modules }, MOST_FRAMES)
  assert.ok(reads <= MOST_READS && bytes <= MOST_BYTES, `${reads} reads of ${bytes} bytes`)
  return walked
}
