import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { readCoreHead } from '../../../crash/core-head.ts'
import { PT_LOAD } from '../../../crash/elf.ts'
import { leanCore } from '../../../crash/lean-core.ts'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import type { CorePipe } from '../../../handler/core/core-pipe.ts'
import { CoreStream } from '../../../handler/core/core-stream.ts'
import { heldPieces } from '../../../handler/core/held-pieces.ts'
import { LeanSource, type ReadPiece } from '../../../handler/core/lean-source.ts'
import { passingPieces } from '../../../handler/core/passing-pieces.ts'
import { pipeOf } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const PAGE = 4096
const AT = 1n << 32n
const MEMORY = randomBytes(3 * BLOCK_BYTES)
const CORE = elfCore({ memory: [{ address: AT, bytes: MEMORY }] })
/** Pages of `MEMORY`, and how many. */
const KEPT = [
  [1, 3],
  [1100, 1500],
] as const
const WANTED = Buffer.concat(
  KEPT.map(([first, count]) => MEMORY.subarray(first * PAGE, (first + count) * PAGE)),
)

function lean() {
  const read = readCoreHead(CORE)
  assert.ok('head' in read)
  const { head } = read
  const from = head.segments.find(({ type }) => type === PT_LOAD)?.fileOffset ?? 0
  const keep = KEPT.map(([first, count]) => ({ offset: from + first * PAGE, lengthBytes: count * PAGE }))
  const made = leanCore(CORE, head, keep)
  assert.ok(made !== null)
  return made
}

/** What is kept of the memory, as it comes out of a stream that begins with what `source` gives. */
async function memoryBy(read: ReadPiece, pipe: CorePipe): Promise<Buffer> {
  const core = await CoreStream.begin(new LeanSource(lean(), read, pipe))
  const blocks: Buffer[] = []
  for await (const block of core.blocks()) blocks.push(Buffer.from(block))
  const all = Buffer.concat(blocks)
  assert.equal(core.readBytes, all.length)
  const kept = core.head?.segments.filter(({ type, fileBytes }) => type === PT_LOAD && fileBytes > 0) ?? []
  return Buffer.concat(
    kept.map(({ fileOffset, fileBytes }) => all.subarray(fileOffset, fileOffset + fileBytes)),
  )
}

async function begun(test: TestContext) {
  const pipe = pipeOf(test, CORE, 0)
  const core = await CoreStream.begin(pipe)
  return { pipe, core }
}

function held(read: (at: bigint, into: Buffer) => Promise<number | null>) {
  return { read, close: () => undefined }
}

/** As much of `MEMORY` as there is room for. */
async function readMemory(at: bigint, into: Buffer): Promise<number> {
  return MEMORY.copy(into, 0, Number(at - AT))
}

it('LeanSource takes what is kept from what passes by', async t => {
  const { pipe, core } = await begun(t)
  const memory = await memoryBy(passingPieces(core), pipe)
  assert.ok(memory.equals(WANTED))
  assert.notEqual(pipe.closedAt, null)
})

it('LeanSource takes what is kept from the memory of the process, and reads no more of its pipe', async t => {
  const { pipe } = await begun(t)
  const memory = await memoryBy(heldPieces(held(readMemory), pipe), pipe)
  assert.ok(memory.equals(WANTED))
  assert.equal(pipe.seenBytes, BLOCK_BYTES)
  assert.notEqual(pipe.closedAt, null)
})

it('LeanSource lets the process go when the last byte was read, and not when it is given', async t => {
  const { pipe } = await begun(t)
  const { endBytes } = lean()
  const source = new LeanSource(lean(), heldPieces(held(readMemory), pipe), pipe)
  assert.equal(await source.fill(Buffer.alloc(endBytes - 1)), endBytes - 1)
  assert.equal(pipe.closedAt, null)
  assert.equal(await source.fill(Buffer.alloc(1)), 1)
  assert.notEqual(pipe.closedAt, null)
  assert.equal(await source.fill(Buffer.alloc(1)), 0)
})

it('a page of the process that cannot be read is zeros', async t => {
  const { pipe } = await begun(t)
  const lost = AT + BigInt(1200 * PAGE)
  const read = async (at: bigint, into: Buffer) => {
    if (at === lost) return null
    return readMemory(at, at < lost ? into.subarray(0, Number(lost - at)) : into)
  }
  const memory = await memoryBy(heldPieces(held(read), pipe), pipe)
  const wanted = Buffer.from(WANTED)
  wanted.fill(0, (3 + 100) * PAGE, (3 + 101) * PAGE)
  assert.ok(memory.equals(wanted))
})

for (const [what, read] of [
  ['gone', async () => 0],
  ['not back in time', () => Promise.reject(new Error('late'))],
] as const)
  it(`a process that is ${what} is the end`, async t => {
    const { pipe } = await begun(t)
    const { head } = lean()
    const source = new LeanSource(lean(), heldPieces(held(read), pipe), pipe)
    const bytes = await source.fill(Buffer.alloc(BLOCK_BYTES))
    assert.deepEqual([bytes, pipe.closedAt === null], [Math.ceil(head.length / PAGE) * PAGE, false])
  })

it('of a process that was let go no memory is read', async t => {
  const { pipe } = await begun(t)
  const read = heldPieces(held(readMemory), pipe)
  pipe.cut('limits.maxHold')
  assert.equal(await read({ at: 0, offset: 0, address: AT, lengthBytes: PAGE }, 0, Buffer.alloc(PAGE)), 0)
})

it('LeanSource ends where a pipe ends', async t => {
  const short = CORE.subarray(0, 2 * BLOCK_BYTES)
  const pipe = pipeOf(t, short, 0)
  const all = await CoreStream.begin(pipe)
  const core = await CoreStream.begin(new LeanSource(lean(), passingPieces(all), pipe))
  const blocks: Buffer[] = []
  for await (const block of core.blocks()) blocks.push(Buffer.from(block))
  assert.ok(core.readBytes < (core.head?.endBytes ?? 0))
  assert.ok(core.readBytes > BLOCK_BYTES - 1200 * PAGE)
})
