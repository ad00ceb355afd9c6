import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type CoreHead, readCoreHead } from '../../crash/core-head.ts'
import { elfCore } from '../fakes/elf-core.ts'

const core = elfCore({
  pid: 17,
  comm: 'server',
  threads: 3,
  signal: { number: 11, code: 2, address: 0xffff_8000_0000_0010n },
  instruction: 0x55_0000_1234n,
  files: [{ start: 0x55_0000_0000n, end: 0x55_0001_0000n, pages: 0n, path: '/app/server' }],
})

function headOf(bytes: Buffer): CoreHead {
  const read = readCoreHead(bytes)
  assert.ok('head' in read, Object.keys(read).join())
  return read.head
}

it('readCoreHead() reads who crashed, why and where', () => {
  const { segments, ...head } = headOf(core)
  assert.equal(segments.length, 2)
  assert.deepEqual(head, {
    endBytes: core.length,
    threads: 3,
    pid: 17,
    comm: 'server',
    instruction: 0x55_0000_1234n,
    signal: { number: 11, code: 2, address: 0xffff_8000_0000_0010n },
    files: [{ start: 0x55_0000_0000n, end: 0x55_0001_0000n, fileOffset: 0n, path: '/app/server' }],
  })
})

it('readCoreHead() asks for more, byte by byte, until the head is there, and then needs no more', () => {
  let length = 0
  for (
    let read = readCoreHead(core.subarray(0, 0));
    'moreBytes' in read;
    read = readCoreHead(core.subarray(0, length))
  ) {
    assert.ok(read.moreBytes > length)
    length = read.moreBytes
  }
  assert.ok(length < core.length - 8192)
  assert.deepEqual(headOf(core.subarray(0, length)), headOf(core))
})

it('readCoreHead() finds the end of a core with over 65,534 segments', () => {
  const memory = Array.from({ length: 66_000 }, (_, index) => ({
    address: BigInt(index) * 4096n,
    bytes: Buffer.alloc(1),
  }))
  const large = elfCore({ memory, overflowingCount: true })
  const { endBytes, segments } = headOf(large)
  assert.deepEqual([endBytes, segments.length], [large.length, 66_001])
})

const foreign = [
  {
    name: 'text',
    bytes: Buffer.alloc(100, 'not a core '),
    message: /does not begin as a little-endian ELF file/,
  },
  { name: 'an executable', bytes: withByte(core, 16, 2), message: /of type 2, not a core/ },
  { name: 'big-endian ELF', bytes: withByte(core, 5, 2), message: /little-endian/ },
  { name: 'a head without end', bytes: withByte(core, 39, 1), message: /claims to be/ },
]
for (const { name, bytes, message } of foreign) {
  it(`readCoreHead() refuses ${name}`, () => {
    const read = readCoreHead(bytes)
    assert.ok('foreign' in read)
    assert.match(read.foreign, message)
  })
}

it('readCoreHead() survives any damage to a core', () => {
  const damage = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 20 })
  fc.assert(
    fc.property(damage, fc.nat(core.length), (changes, length) => {
      const damaged = Buffer.from(core)
      for (const [at, value] of changes) damaged[at] = value
      const read = readCoreHead(damaged.subarray(0, length))
      if ('moreBytes' in read) assert.ok(read.moreBytes > length)
    }),
    { numRuns: 2000 },
  )
})

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}
