import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { openSync } from 'node:fs'
import { it } from 'node:test'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { CorePipe } from '../../../handler/core/core-pipe.ts'
import { EarlyCore } from '../../../handler/core/early-core.ts'
import { isOpen, pipeOf } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const small = elfCore({ memory: [{ address: 1n << 32n, bytes: randomBytes(4096) }] })

it('begin() reads the head once, and holds the process although that is all of its core', async t => {
  const pipe = pipeOf(t, small)
  const early = new EarlyCore(pipe)
  assert.equal(await early.begin(), await early.begin())
  assert.deepEqual([pipe.seenBytes, isOpen(pipe.fd)], [small.length, true])
})

it('taken() has what was read, for who gets the rest of the pipe', async t => {
  const bytes = Buffer.concat([small, randomBytes(2 * BLOCK_BYTES)])
  const pipe = pipeOf(t, bytes)
  const early = new EarlyCore(pipe)
  assert.deepEqual(await early.taken(), [])
  void early.begin()
  const taken = Buffer.concat(await early.taken())
  const rest = Buffer.alloc(bytes.length)
  const restBytes = await pipe.fill(rest)
  assert.ok(Buffer.concat([taken, rest.subarray(0, restBytes)]).equals(bytes))
})

it('forget() overwrites what was taken before its head was read', async () => {
  const first = { bytes: Buffer.from(small), askedAt: 0 }
  const pipe = new CorePipe(openSync('/dev/null', 'r'), { first })
  const early = new EarlyCore(pipe)
  assert.deepEqual(await early.taken(), [first.bytes])
  await early.forget()
  assert.ok(first.bytes.every(byte => byte === 0))
})

it('forget() overwrites what was read of a process that is not ours, and lets it go', async t => {
  const pipe = pipeOf(t, small)
  const early = new EarlyCore(pipe)
  const [block] = (await early.begin()).taken
  await early.forget()
  assert.equal(isOpen(pipe.fd), false)
  assert.ok(block?.every(byte => byte === 0))
})
