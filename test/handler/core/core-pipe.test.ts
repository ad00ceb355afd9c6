import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { CorePipe, type CorePipeOptions } from '../../../handler/core/core-pipe.ts'
import { readOnce } from '../../../handler/core/pipe-reader.ts'
import { addon } from '../../../handler/native/addon.ts'
import { isOpen, pipeOf, temporaryFolder } from '../../fakes/core-file.ts'

/** A real pipe, its writing end ours. */
function openFifo(
  test: TestContext,
  options: CorePipeOptions = { reader: readOnce },
  flags = constants.O_NONBLOCK,
): { pipe: CorePipe; writer: number } {
  const file = path.join(temporaryFolder(test), 'fifo')
  execFileSync('mkfifo', [file])
  // First one that waits for no writer.
  const first = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(file, 'w')
  const reader = openSync(file, constants.O_RDONLY | flags)
  closeSync(first)
  return { pipe: new CorePipe(reader, options), writer }
}

const native = addon()

it('fill() leaves the event loop its turns where the writer of a pipe that blocks is silent, and can be cut', {
  timeout: 60_000,
  skip: native === null && 'the addon is not built, so such a read waits',
}, async t => {
  const { pipe, writer } = openFifo(t, {}, 0)
  t.after(() => closeSync(writer))
  writeSync(writer, 'abc')
  const filling = pipe.fill(Buffer.alloc(6))
  setImmediate(() => pipe.cut('limits.maxHold'))
  assert.equal(await filling, 3)
  assert.equal(pipe.cutReason, 'limits.maxHold')
})

it('fill() fills block after block, the last one as far as it goes, and then closes', async t => {
  const pipe = pipeOf(t, Buffer.from('0123456789'))
  const block = Buffer.alloc(4)
  const blocks: string[] = []
  for (let filled = await pipe.fill(block); filled > 0; filled = await pipe.fill(block)) {
    blocks.push(block.toString('latin1', 0, filled))
  }
  assert.deepEqual(blocks, ['0123', '4567', '89'])
  assert.deepEqual([pipe.seenBytes, pipe.cutReason], [10, null])
  assert.notEqual(pipe.closedAt, null)
})

it('fill() begins with what was taken before, and goes on with the pipe', async t => {
  const file = path.join(temporaryFolder(t), 'core')
  writeFileSync(file, '3456789')
  const first = { bytes: Buffer.from('012'), askedAt: 21 }
  const pipe = new CorePipe(openSync(file, 'r'), { limitBytes: 9, first })
  assert.deepEqual([pipe.openedAt, pipe.seenBytes, pipe.taken], [21, 0, [Buffer.from('012')]])
  const [two, all] = [Buffer.alloc(2), Buffer.alloc(10)]
  assert.deepEqual([await pipe.fill(two), two.toString(), pipe.taken], [2, '01', [Buffer.from('2')]])
  assert.deepEqual([await pipe.fill(all), all.toString('latin1', 0, 7), pipe.taken], [7, '2345678', []])
  assert.deepEqual([pipe.seenBytes, pipe.cutReason], [9, 'limits.maxCoreSize'])
})

it('fill() waits for a slow writer', { timeout: 120_000 }, async t => {
  const { pipe, writer } = openFifo(t)
  const block = Buffer.alloc(6)
  const filling = pipe.fill(block)
  setImmediate(() => {
    writeSync(writer, 'abc')
    setImmediate(() => {
      writeSync(writer, 'def')
      closeSync(writer)
    })
  })
  assert.equal(await filling, 6)
  assert.equal(block.toString(), 'abcdef')
})

it('fill() ends when the writer goes away in the middle', async t => {
  const { pipe, writer } = openFifo(t)
  writeSync(writer, 'abc')
  closeSync(writer)
  assert.equal(await pipe.fill(Buffer.alloc(6)), 3)
  assert.notEqual(pipe.closedAt, null)
})

it('fill() reads up to the limit, and lets the process go there', async t => {
  const pipe = pipeOf(t, Buffer.alloc(100), 10)
  assert.equal(await pipe.fill(Buffer.alloc(64)), 10)
  assert.deepEqual([pipe.cutReason, pipe.closedAt === null], ['limits.maxCoreSize', false])
  assert.equal(await pipe.fill(Buffer.alloc(64)), 0)
})

it('fill() does not call a core cut that is as long as the limit', async t => {
  const pipe = pipeOf(t, Buffer.alloc(10), 100)
  await pipe.fill(Buffer.alloc(64))
  assert.equal(pipe.cutReason, null)
})

it('close() closes once, however often it is called', t => {
  const pipe = pipeOf(t, Buffer.alloc(10))
  pipe.close()
  const { closedAt } = pipe
  pipe.close()
  assert.equal(pipe.closedAt, closedAt)
  assert.equal(isOpen(pipe.fd), false)
})

it('look() holds the process although its whole core came with the head, until it was looked at', async t => {
  const pipe = pipeOf(t, Buffer.from('small'))
  pipe.look()
  assert.deepEqual([await pipe.fill(Buffer.alloc(8)), await pipe.fill(Buffer.alloc(8))], [5, 0])
  assert.deepEqual([pipe.closedAt, isOpen(pipe.fd), pipe.cutReason], [null, true, null])
  pipe.looked()
  assert.equal(isOpen(pipe.fd), false)
})

it('look() holds the process at limits.maxCoreSize, too, until it was looked at', async t => {
  const pipe = pipeOf(t, Buffer.alloc(100), 10)
  pipe.look()
  assert.equal(await pipe.fill(Buffer.alloc(64)), 10)
  assert.deepEqual([pipe.closedAt, isOpen(pipe.fd)], [null, true])
  pipe.looked()
  assert.deepEqual([isOpen(pipe.fd), pipe.cutReason], [false, 'limits.maxCoreSize'])
})
