import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { keptStream } from '../../../handler/commands/kept-stream.ts'
import { pipeByteByByte, temporaryFolder } from '../../fakes/core-file.ts'

it('keptStream() keeps what comes byte by byte, in a file that has no name', async t => {
  const bytes = Buffer.concat([Buffer.from('core'), Buffer.alloc(3000), Buffer.from('end'), Buffer.alloc(5)])
  const kept = await keptStream(pipeByteByByte(t, bytes), Number.POSITIVE_INFINITY)
  t.after(() => closeSync(kept))
  assert.deepEqual(readFileSync(`/proc/self/fd/${kept}`), bytes)
  assert.equal(fstatSync(kept).nlink, 0)
  assert.deepEqual(
    readdirSync(tmpdir()).filter(name => name.startsWith('coredog-replay-')),
    [],
  )
})

it('keptStream() reads no further than its limit', async t => {
  const kept = await keptStream(pipeByteByByte(t, Buffer.from('0123456789')), 4)
  t.after(() => closeSync(kept))
  assert.equal(readFileSync(`/proc/self/fd/${kept}`, 'latin1'), '0123')
})

it('keptStream() keeps zeros as holes', async t => {
  const fifo = path.join(temporaryFolder(t), 'fifo')
  execFileSync('mkfifo', [fifo])
  spawn('dd', ['if=/dev/zero', `of=${fifo}`, 'bs=64K', 'count=64', 'status=none'])
  const fd = openSync(fifo, 'r')
  const kept = await keptStream(fd, Number.POSITIVE_INFINITY)
  t.after(() => [fd, kept].map(closeSync))
  const { size, blocks } = fstatSync(kept)
  assert.equal(size, 4 << 20)
  assert.ok(blocks * 512 < size / 2, `${blocks} blocks`)
})
