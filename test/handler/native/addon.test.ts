import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { crc32, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { find, gzipEngine, largestDeflated } from '../../../handler/native/addon.ts'
import { addonCode } from '../../../handler/native/addon-code.ts'
import { eventually } from '../../e2e/eventually.ts'
import { inputs } from '../../inputs.ts'
import { itself, NEEDS_ADDON } from './made-addon.ts'

// A final deflate block that is empty.
const END = Buffer.of(3, 0)

async function pieceOf(block: Uint8Array): Promise<Buffer> {
  const output = new Uint8Array(largestDeflated(block.length))
  const { storedBytes, crc32: checksum } = await itself().deflate(block, output)
  assert.equal(checksum, crc32(block))
  return Buffer.from(output.buffer, 0, storedBytes)
}

const text = Buffer.alloc(1_000_000, 'the quick brown fox; ')
for (const [name, block] of Object.entries({
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  text,
  zeros: Buffer.alloc(4 * 2 ** 20),
  'what cannot be compressed': randomBytes(4 * 2 ** 20),
  'a part of a larger buffer': text.subarray(1001, 70_000),
})) {
  it(`deflate() makes a piece of ${name}`, NEEDS_ADDON, async () => {
    assert.ok(inflateRawSync(Buffer.concat([await pieceOf(block), END])).equals(block))
  })
}

it('deflate() makes pieces that can be joined, of whatever there is', NEEDS_ADDON, async () => {
  const kind = fc.constantFrom(
    (length: number) => Buffer.alloc(length),
    (length: number) => randomBytes(length),
    (length: number) => Buffer.alloc(length, 'abcdefgh12345'),
  )
  const piece = fc.tuple(kind, fc.nat(300_000)).map(([make, length]) => make(length))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 3 }), { maxLength: 4 }), async mixed => {
      const blocks = mixed.map(pieces => Buffer.concat(pieces))
      const stream = Buffer.concat([...(await Promise.all(blocks.map(pieceOf))), END])
      assert.ok(inflateRawSync(stream).equals(Buffer.concat(blocks)))
    }),
    inputs(60),
  )
})

it('deflate() rejects when its output is too small, and writes nothing behind it', NEEDS_ADDON, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5000), async room => {
      const memory = Buffer.alloc(10_000, 0x5a)
      await assert.rejects(itself().deflate(randomBytes(8192), memory.subarray(0, room)), /too little room/)
      assert.ok(memory.subarray(room).every(byte => byte === 0x5a))
    }),
    inputs(50),
  )
})

it('deflate() keeps the memory of what it was given', NEEDS_ADDON, async () => {
  const stored = Array.from({ length: 50 }, () => pieceOf(Buffer.alloc(2 ** 20, 'what is not held here')))
  for (let round = 0; round < 20; round += 1) Buffer.allocUnsafeSlow(2 ** 22).fill(round)
  const [first, ...others] = await Promise.all(stored)
  assert.ok(others.every(other => other.equals(first!)))
})

const detached = new Uint8Array(8)
detached.buffer.transfer(0)
const eight = new Uint8Array(8)
const wrong: readonly unknown[] = [
  undefined,
  null,
  1,
  'text',
  {},
  new Float64Array(8),
  new ArrayBuffer(8),
  detached,
]
for (const one of wrong) {
  it(`deflate() refuses ${Object.prototype.toString.call(one)}`, NEEDS_ADDON, () => {
    assert.throws(() => itself().deflate(one as Uint8Array, eight), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.throws(() => itself().deflate(eight, one as Uint8Array), { code: 'ERR_INVALID_ARG_VALUE' })
  })
}

/** A pipe by a name, open at both ends; `flags` are the reader's. */
function pipe(test: TestContext, flags = 0): { readonly reader: number; readonly writer: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-native-'))
  test.after(() => rmSync(folder, { recursive: true }))
  const fifo = path.join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const both = openSync(fifo, constants.O_RDWR)
  const ends = {
    reader: openSync(fifo, constants.O_RDONLY | flags),
    writer: openSync(fifo, constants.O_WRONLY),
  }
  closeSync(both)
  test.after(() => closeSync(ends.reader))
  return ends
}

for (const [name, flags] of Object.entries({ blocks: 0, 'does not block': constants.O_NONBLOCK })) {
  it(`read() takes what is in a pipe that ${name}, and ends with the time or the writer`, NEEDS_ADDON, t => {
    const { reader, writer } = pipe(t, flags)
    const buffer = Buffer.alloc(10, '.')
    assert.deepEqual(itself().read(reader, buffer, 0, 10, 0), { bytes: 0, isEnd: false })
    writeSync(writer, 'abcd')
    assert.deepEqual(itself().read(reader, buffer, 2, 3, 1000), { bytes: 3, isEnd: false })
    assert.deepEqual(itself().read(reader, buffer, 5, 5, 1), { bytes: 1, isEnd: false })
    writeSync(writer, 'ef')
    closeSync(writer)
    assert.deepEqual(itself().read(reader, buffer, 6, 4, 1000), { bytes: 2, isEnd: true })
    assert.equal(buffer.toString(), '..abcdef..')
    assert.deepEqual(itself().read(reader, buffer, 0, 10, 1000), { bytes: 0, isEnd: true })
  })
}

it('read() waits for more than a pipe holds', NEEDS_ADDON, t => {
  const { reader, writer } = pipe(t)
  const program = spawn('head', ['-c', '3000000', '/dev/zero'], { stdio: ['ignore', writer, 'inherit'] })
  t.after(() => program.kill('SIGKILL'))
  closeSync(writer)
  const buffer = Buffer.alloc(3_000_001, 1)
  assert.deepEqual(itself().read(reader, buffer, 0, buffer.length, 60_000), { bytes: 3_000_000, isEnd: true })
  assert.ok(buffer.subarray(0, -1).equals(Buffer.alloc(3_000_000)))
  assert.equal(buffer.at(-1), 1)
})

it('read() takes a file', NEEDS_ADDON, t => {
  const fd = openSync(import.meta.filename, 'r')
  t.after(() => closeSync(fd))
  const text = readFileSync(import.meta.filename)
  const buffer = Buffer.alloc(text.length + 1)
  assert.deepEqual(itself().read(fd, buffer, 0, buffer.length, 0), { bytes: text.length, isEnd: true })
  assert.ok(buffer.subarray(0, -1).equals(text))
})

it('read() refuses whatever is no descriptor, no place or no number', NEEDS_ADDON, t => {
  const { reader } = pipe(t, constants.O_NONBLOCK)
  const anything = fc.oneof(fc.anything(), fc.integer(), fc.constant(eight))
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), what => {
      const call = itself().read as (...given: unknown[]) => unknown
      // What is right by chance finds an empty pipe whose writer is gone, or nothing there.
      try {
        call(...(typeof what[0] === 'number' ? [1e6, ...what.slice(1)] : what))
      } catch (error) {
        assert.match((error as NodeJS.ErrnoException).code ?? '', /^(ERR_INVALID_ARG_VALUE|EBADF)$/)
      }
    }),
    inputs(500),
  )
  const bad: readonly (readonly [number, number, number])[] = [
    [-1, 1, 0],
    [0, 9, 0],
    [9, 0, 0],
    [5, 4, 0],
    [0.5, 1, 0],
  ]
  for (const [at, length, milliseconds] of [...bad, [0, 1, -1], [0, 1, Number.NaN], [0, 1, 1e10]] as const) {
    assert.throws(() => itself().read(reader, eight, at, length, milliseconds), {
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  assert.throws(() => itself().read(1e6, eight, 0, 8, 0), { code: 'EBADF' })
})

it('freeAtOnce() leaves memory as it is', NEEDS_ADDON, async () => {
  itself().freeAtOnce()
  assert.ok((await pieceOf(text)).length < text.length / 100)
})

it('gzipEngine() says which ISA-L it is and from where, or why there is none', NEEDS_ADDON, () => {
  assert.match(gzipEngine(), /^gzip by ISA-L \d+\.\d+\.\d+, from a file without a name in \//)
  assert.deepEqual(find(null, { beside: '/', folders: [] }), {
    addon: null,
    words: 'zlib: built without ISA-L',
  })
  assert.equal(
    find(addonCode(), { beside: '/nowhere', folders: [] }).words,
    'zlib: ISA-L cannot be loaded: /nowhere: it is not there',
  )
})

it('giveBack() has less of the program mapped, which goes on as before', NEEDS_ADDON, () => {
  const { giveBack } = itself()
  const before = mappedKilobytes()
  giveBack()
  assert.ok(mappedKilobytes() < before)
  // Most of it was not mapped just now.
  const hash = createHash('sha256').update(JSON.stringify({ at: new Intl.NumberFormat('de').format(1e6) }))
  assert.equal(hash.digest('hex').length, 64)
  const said = execFileSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' })
  assert.equal(said, '42\n')
})

/** Of files (proc(5)). */
function mappedKilobytes(): number {
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

it(
  'startIn() starts a program in namespaces, below a root, with what it is to have',
  NEEDS_ADDON,
  async () => {
    const names = ['uts', 'pid', 'mnt']
    const fds = names.map(name => openSync(`/proc/self/ns/${name}`, 'r'))
    const root = openSync('/', 'r')
    const folder = mkdtempSync(path.join(tmpdir(), 'coredog-start-'))
    const kept = openSync(path.join(folder, 'out'), 'w')
    const words = [
      '/bin/sh',
      '-c',
      `echo "$0" "$#" "$(env | grep -c SECRET)" > /proc/self/fd/${kept}; mv "$1/out" "$1/done"`,
      'a b',
      folder,
    ]
    const command = Buffer.from(words.map(word => `${word}\0`).join(''))
    process.env.SECRET = 'x'
    try {
      itself().startIn(process.getuid?.() === 0 ? fds : [], root, command, [kept])
      await eventually('the program', 20, () => existsSync(path.join(folder, 'done')) || undefined)
      assert.equal(readFileSync(path.join(folder, 'done'), 'utf8'), 'a b 1 0\n')
      const missing = Buffer.from('/nowhere\0')
      assert.throws(() => itself().startIn([], root, missing, []), { code: 'ENOENT' })
      assert.throws(() => itself().startIn([kept], root, command, []), { code: 'EINVAL' })
      for (const bad of [Buffer.from(''), Buffer.from('/bin/sh'), Buffer.from('/x\0'.repeat(65))])
        assert.throws(() => itself().startIn([], root, bad, []), { code: 'ERR_INVALID_ARG_VALUE' })
    } finally {
      for (const fd of [...fds, root, kept]) closeSync(fd)
      rmSync(folder, { recursive: true })
    }
  },
)
