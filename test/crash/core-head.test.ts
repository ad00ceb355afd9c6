import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { beginsAsCore, type CoreHead, fileAt, readCoreHead } from '../../crash/core-head.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { inputs } from '../inputs.ts'

const core = elfCore({
  pid: 17,
  comm: 'server',
  threads: 3,
  signal: { number: 11, code: 2, address: 0xffff_8000_0000_0010n },
  instruction: 0x55_0000_1234n,
  stackPointers: [0x7f_0000_2000n, 0x7f_0010_2000n],
  files: [{ start: 0x55_0000_0000n, end: 0x55_0001_0000n, pages: 0n, path: '/app/server' }],
})

function headOf(bytes: Buffer): CoreHead {
  const read = readCoreHead(bytes)
  assert.ok('head' in read, Object.keys(read).join())
  return read.head
}

it('readCoreHead() reads who crashed, why and where', () => {
  const { segments, statuses, ...head } = headOf(core)
  assert.equal(segments.length, 2)
  // pr_pid of struct elf_prstatus, and the instruction among its registers.
  const [status = Buffer.alloc(0)] = statuses
  assert.deepEqual(
    [statuses.length, status.readInt32LE(32), status.readBigUInt64LE(112 + 16 * 8)],
    [3, 17, 0x55_0000_1234n],
  )
  assert.deepEqual(head, {
    machine: 62,
    countSection: null,
    endBytes: core.length,
    threads: 3,
    pid: 17,
    threadId: 17,
    comm: 'server',
    instruction: 0x55_0000_1234n,
    stackPointers: [0x7f_0000_2000n, 0x7f_0010_2000n, 0n],
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

it('readCoreHead() finds each file behind one whose name is no UTF-8', () => {
  const gbk = Buffer.from('/data/\xc5\xe4\xd6\xc3.dat', 'latin1')
  const { files } = headOf(
    elfCore({
      files: [
        { start: 0x1000n, end: 0x2000n, pages: 0n, path: gbk },
        { start: 0x400000n, end: 0x401000n, pages: 0n, path: '/srv/\u914d\u7f6e' },
        { start: 0x500000n, end: 0x501000n, pages: 0n, path: '/app' },
      ],
    }),
  )
  assert.deepEqual(
    files.map(({ path }) => path),
    ['/data/\\xc5\\xe4\\xd6\\xc3.dat', '/srv/\u914d\u7f6e', '/app'],
  )
})

it('readCoreHead() leaves out of a path that the file was removed since', () => {
  const file = { start: 0x1000n, end: 0x2000n, pages: 0n }
  const { files } = headOf(elfCore({ files: [{ ...file, path: '/app/server (deleted)' }] }))
  assert.deepEqual(
    files.map(({ path }) => path),
    ['/app/server'],
  )
})

it('readCoreHead() reads a process name that the kernel cut within a character', () => {
  assert.equal(
    headOf(elfCore({ comm: '\u914d\u7f6e\u6587\u4ef6\u670d\u52a1' })).comm,
    '\u914d\u7f6e\u6587\u4ef6\u670d',
  )
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
  {
    name: 'program headers that are too short, of a count that overflowed',
    bytes: withWord(withWord(core, 54, 8), 56, 0xffff),
    message: /program headers have 8 bytes each/,
  },
  {
    name: 'program headers of 64 KiB each',
    bytes: withWord(core, 54, 0xffff),
    message: /program headers have 65535 bytes each/,
  },
  {
    name: 'a 32-bit core with program headers that lack their end',
    bytes: elf32Core({ segmentBytes: 24 }),
    message: /program headers have 24 bytes each/,
  },
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
    inputs(8000),
  )
})

it('readCoreHead() asks for 24 MiB at the most, and then knows the end, if not how many threads', () => {
  const notes = 100 * 1024 * 1024
  const large = Buffer.from(core)
  // The first program header is that of the notes: its size in the file.
  large.writeBigUInt64LE(BigInt(notes), 64 + 32)
  const read = readCoreHead(large)
  assert.deepEqual(read, { moreBytes: 24 * 1024 * 1024 })
  const whole = Buffer.concat([large, Buffer.alloc(24 * 1024 * 1024 - large.length)])
  const { endBytes, threads, pid, comm, files } = headOf(whole)
  assert.deepEqual([threads, pid, comm, files.length], [0, 17, 'server', 1])
  assert.ok(endBytes >= notes)
})

it('readCoreHead() refuses more program headers than it would hold', () => {
  const huge = withWord(core, 56, 0xffff)
  huge.writeBigUInt64LE(128n * 1024n * 1024n, 64 + 8)
  const read = readCoreHead(huge)
  assert.ok('foreign' in read)
  assert.match(read.foreign, /claims to be \d+ bytes long/)
})

it('readCoreHead() lists no more files than a process has', () => {
  const file = { start: 1n << 44n, end: 1n << 45n, pages: 0n, path: 'a' }
  const { files } = headOf(elfCore({ files: Array.from({ length: 310_000 }, () => file) }))
  assert.equal(files.length, 300_000)
})

it('readCoreHead() lists no more files than their names may take', () => {
  const path = Buffer.alloc(4095, 0xff)
  const files = Array.from({ length: 2000 }, (_, index) => ({
    start: BigInt(index) << 12n,
    end: BigInt(index + 1) << 12n,
    pages: 0n,
    path,
  }))
  const { files: listed } = headOf(elfCore({ files }))
  assert.ok(listed.length > 1000 && listed.length < 2000, `${listed.length}`)
  assert.ok(listed.reduce((sum, file) => sum + file.path.length, 0) <= 16 * 1024 * 1024)
})

/** The first bytes of a 32-bit core with one program header. */
function elf32Core({ segmentBytes }: { segmentBytes: number }): Buffer {
  const bytes = Buffer.alloc(52 + segmentBytes)
  bytes.write('\x7fELF\x01\x01\x01', 'latin1')
  bytes.writeUInt16LE(4, 16)
  bytes.writeUInt32LE(52, 28)
  bytes.writeUInt16LE(segmentBytes, 42)
  bytes.writeUInt16LE(1, 44)
  return bytes
}

function withWord(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt16LE(value, at)
  return copy
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

it('readCoreHead() reads where the program began, which tells the file that was executed', () => {
  const files = [
    { start: 0x1000n, end: 0x2000n, pages: 0n, path: '/data/low' },
    { start: 0x55_0000_0000n, end: 0x55_0001_0000n, pages: 0n, path: '/app/server' },
  ]
  const head = headOf(elfCore({ entry: 0x55_0000_0040n, files }))
  assert.equal(fileAt(head, head.entry ?? 0n)?.path, '/app/server')
})

it('readCoreHead() takes over no pid, signal or path that no process can have', () => {
  const file = { start: 0n, end: 1n, pages: 0n, path: `/${'x'.repeat(10_000)}` }
  const { pid, signal, files } = headOf(
    elfCore({ pid: -5, signal: { number: 0, code: 0, address: 0n }, files: [file, { ...file, path: '/b' }] }),
  )
  assert.deepEqual([pid, signal, files.map(({ path }) => path.length)], [undefined, undefined, [4096, 2]])
})

it('beginsAsCore() knows a core by its first bytes, in either byte order, and nothing else', () => {
  const other = Buffer.from(core.subarray(0, 18))
  other[5] = 2
  other.writeUInt16BE(4, 16)
  const executable = Buffer.from(core)
  executable.writeUInt16LE(2, 16)
  const seen = [core, core.subarray(0, 18), other, core.subarray(0, 17), executable, Buffer.alloc(64)]
  assert.deepEqual(seen.map(beginsAsCore), [true, true, true, false, false, false])
})
