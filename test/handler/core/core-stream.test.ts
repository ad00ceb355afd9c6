import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { CorePipe } from '../../../handler/core/core-pipe.ts'
import { CoreStream } from '../../../handler/core/core-stream.ts'
import { pipeOf } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

async function readAll(core: CoreStream): Promise<Buffer> {
  const blocks: Buffer[] = []
  for await (const block of core.blocks()) {
    blocks.push(Buffer.from(block))
    core.giveBack(block)
  }
  return Buffer.concat(blocks)
}

/** Reads ahead until no more than `mostBytes` may be held. */
async function readFull(core: CoreStream, mostBytes: number): Promise<void> {
  const full = Promise.withResolvers<void>()
  const mayHold = (held: number) => {
    if (held > mostBytes) full.resolve()
    return held <= mostBytes
  }
  core.readAhead({ mayHold, keep: () => undefined })
  await full.promise
}

function memoryOf(...sizesBytes: number[]) {
  return sizesBytes.map((size, index) => ({ address: BigInt(index + 1) << 32n, bytes: randomBytes(size) }))
}

function begin(test: TestContext, bytes: Buffer, limitBytes = 0): Promise<CoreStream> {
  return CoreStream.begin(pipeOf(test, bytes, limitBytes))
}

const sizes = [8192, BLOCK_BYTES - 4096, BLOCK_BYTES, BLOCK_BYTES + 4096, 3 * BLOCK_BYTES + 4096]
for (const size of sizes) {
  it(`blocks() gives every byte of a core with ${size} bytes of memory, head included`, async t => {
    const bytes = elfCore({ memory: memoryOf(size) })
    const core = await begin(t, bytes)
    assert.equal(core.head?.endBytes, bytes.length)
    assert.ok(bytes.equals(await readAll(core)))
  })
}

it('blocks() reads into memory that was given back, that of the first block too', async t => {
  const core = await begin(t, elfCore({ memory: memoryOf(9 * BLOCK_BYTES) }))
  const memories = new Set<ArrayBufferLike>()
  for await (const block of core.blocks()) {
    memories.add(block.buffer)
    core.giveBack(block)
  }
  assert.equal(memories.size, 1)
})

it('readAhead() reads as much as it is allowed before anybody asks for it, and goes on as that is read', async t => {
  const bytes = elfCore({ memory: memoryOf(9 * BLOCK_BYTES) })
  const pipe = pipeOf(t, bytes)
  const core = await CoreStream.begin(pipe)
  await readFull(core, 4 * BLOCK_BYTES)
  assert.deepEqual([pipe.seenBytes, core.backlog.bytes], [4 * BLOCK_BYTES, 4 * BLOCK_BYTES])
  assert.ok(bytes.equals(await readAll(core)))
  assert.equal(core.backlog.bytes, 0)
})

it('readAhead() lets the process go although nobody has read its core, and gives back what it does not need', async t => {
  const bytes = elfCore({ memory: memoryOf(3 * BLOCK_BYTES) })
  const pipe = pipeOf(t, bytes)
  const core = await CoreStream.begin(pipe)
  const kept: number[] = []
  core.readAhead({ mayHold: () => true, keep: held => void kept.push(held / BLOCK_BYTES) })
  await pipe.closed
  assert.ok(bytes.equals(await readAll(core)))
  assert.equal(kept.at(-1), 0)
})

it('readAhead() holds no memory for zeros', async t => {
  const zeros = { address: 1n << 33n, bytes: Buffer.alloc(40 * BLOCK_BYTES) }
  const bytes = elfCore({ memory: [...memoryOf(BLOCK_BYTES), zeros] })
  const pipe = pipeOf(t, bytes)
  const core = await CoreStream.begin(pipe)
  core.readAhead({ mayHold: held => held <= 3 * BLOCK_BYTES, keep: () => undefined })
  await pipe.closed
  assert.ok(bytes.equals(await readAll(core)))
})

it('readAhead() stops when the memory is taken away in the middle, and all comes all the same', async t => {
  const bytes = elfCore({ memory: memoryOf(9 * BLOCK_BYTES) })
  const core = await begin(t, bytes)
  const answers = [true, true, true]
  core.readAhead({ mayHold: () => answers.pop() ?? false, keep: () => undefined })
  assert.ok(bytes.equals(await readAll(core)))
})

it('leave() forgets what was read ahead, and lets the process go', async t => {
  const pipe = pipeOf(t, elfCore({ memory: memoryOf(9 * BLOCK_BYTES) }))
  const core = await CoreStream.begin(pipe)
  await readFull(core, 2 * BLOCK_BYTES)
  const arrays = () => process.memoryUsage().arrayBuffers
  const before = arrays()
  await core.leave()
  // At once: an idle process collects no garbage.
  assert.ok(before - arrays() > BLOCK_BYTES, `${before - arrays()} bytes`)
  assert.notEqual(pipe.closedAt, null)
  assert.equal(core.backlog.bytes, 0)
})

it('begin() reads as many blocks as the head is long', async t => {
  const bytes = elfCore({ threads: 20_000, memory: memoryOf(2 * BLOCK_BYTES) })
  const core = await begin(t, bytes)
  assert.equal(core.head?.threads, 20_000)
  assert.ok(bytes.equals(await readAll(core)))
})

it('begin() asks a file of four KiB that seems to be two GiB long for no byte twice', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-core-stream-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'core')
  const bytes = elfCore().subarray(0, 4096)
  // e_phentsize and e_phnum.
  bytes.writeUInt16LE(8, 54)
  bytes.writeUInt16LE(0xffff, 56)
  writeFileSync(file, bytes)
  truncateSync(file, 2 * 1024 ** 3)
  const pipe = new CorePipe(openSync(file, 'r'))
  t.after(() => pipe.close())
  const core = await CoreStream.begin(pipe)
  assert.match(core.foreign ?? '', /8 bytes each/)
  assert.equal(pipe.seenBytes, BLOCK_BYTES)
})

it('begin() reads no more than 24 MiB of a head, whatever it says', async t => {
  const bytes = elfCore({ threads: 80_000, memory: memoryOf(2 * BLOCK_BYTES) })
  const pipe = pipeOf(t, bytes)
  const core = await CoreStream.begin(pipe)
  assert.equal(core.head?.endBytes, bytes.length)
  assert.equal(pipe.seenBytes, 24 * 1024 * 1024)
  assert.ok(bytes.equals(await readAll(core)))
})

it('begin() keeps what is no core, and says so', async t => {
  const bytes = randomBytes(BLOCK_BYTES + 10)
  const core = await begin(t, bytes)
  assert.match(core.foreign ?? '', /ELF/)
  assert.ok(bytes.equals(await readAll(core)))
})

it('begin() keeps a core that ended within its own header', async t => {
  const bytes = elfCore().subarray(0, 300)
  const core = await begin(t, bytes)
  assert.match(core.foreign ?? '', /ended within its own header/)
  assert.ok(bytes.equals(await readAll(core)))
})

it('begin() tells that nothing came at all', async t => {
  assert.equal((await begin(t, Buffer.alloc(0))).isEmpty, true)
})

it('begun() copies what was read with the head, and nothing that is still to come', async t => {
  const bytes = elfCore({ memory: memoryOf(BLOCK_BYTES, BLOCK_BYTES) })
  const core = await begin(t, bytes)
  const early = { offset: 4096, lengthBytes: 4096 }
  assert.ok(core.begun(early)?.equals(bytes.subarray(4096, 8192)))
  assert.equal(core.begun({ offset: BLOCK_BYTES + 4096, lengthBytes: 4096 }), null)
  assert.equal(core.begun({ offset: BLOCK_BYTES - 4096, lengthBytes: 8192 }), null)
})

it('blocks() lets the process go when its reader gives up', async t => {
  const pipe = pipeOf(t, elfCore({ memory: memoryOf(3 * BLOCK_BYTES) }))
  const core = await CoreStream.begin(pipe)
  for await (const _ of core.blocks()) break
  assert.notEqual(pipe.closedAt, null)
})

it('keepStacksOnly() leaves alone what was handed on, and keeps of what comes only what a backtrace needs', async t => {
  const [low, stack] = [0x1_0000_0000n, 0x7f00_0000_0000n]
  const memory = [
    { address: low, bytes: randomBytes(5 * BLOCK_BYTES) },
    { address: stack, bytes: randomBytes(4096) },
  ]
  const bytes = elfCore({ memory, stackPointers: [stack + 0x800n] })
  const core = await begin(t, bytes)
  const blocks: Buffer[] = []
  for await (const block of core.blocks()) {
    blocks.push(block)
    if (blocks.length === 3) core.keepStacksOnly('there is no room')
  }
  const expected = Buffer.from(bytes).fill(0, 3 * BLOCK_BYTES, bytes.length - 4096)
  assert.ok(Buffer.concat(blocks).equals(expected))
  const leftOutBytes = bytes.length - 4096 - 3 * BLOCK_BYTES
  assert.deepEqual(core.leftOut, { bytes: leftOutBytes, reason: 'there is no room' })
})

it('forgetBegun() keeps nothing of what was read with the head, nor lets the process go', async t => {
  const pipe = pipeOf(t, elfCore({ memory: memoryOf(2 * BLOCK_BYTES) }), 0)
  const core = await CoreStream.begin(pipe)
  core.forgetBegun()
  assert.deepEqual([core.taken, core.isEmpty, pipe.closedAt], [[], false, null])
})
