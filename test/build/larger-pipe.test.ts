import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { withLargerPipe } from '../../build/larger-pipe.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { withoutSymbols } from '../../build/without-symbols.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const node = withoutSymbols(
  readFileSync(path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`)),
)

function programOf(test: TestContext, bytes: Buffer): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-pipe-'))
  test.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'node')
  writeFileSync(file, bytes, { mode: 0o755 })
  return file
}

/** How many bytes its stdin takes that `program` does not read. */
async function roomOf(test: TestContext, program: string): Promise<number> {
  const fifo = path.join(path.dirname(program), 'stdin')
  execFileSync('mkfifo', [fifo])
  // Opened twice: what is given to a child becomes blocking.
  const stdin = openSync(fifo, constants.O_RDWR)
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  const child = spawn(program, ['-e', 'console.log("up"); setInterval(() => 0, 1000)'], {
    stdio: [stdin, 'pipe', 'inherit'],
  })
  test.after(() => child.kill('SIGKILL'))
  await once(child.stdout!, 'data', { signal: AbortSignal.timeout(120_000) })
  let taken = 0
  try {
    for (;;) taken += writeSync(fd, Buffer.alloc(4096))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
    return taken
  } finally {
    for (const end of [stdin, fd]) closeSync(end)
  }
}

it('withLargerPipe() makes a program whose stdin, a pipe, takes 256 KiB from the start', async t => {
  assert.equal(await roomOf(t, programOf(t, node)), 64 * 1024)
  assert.equal(await roomOf(t, programOf(t, withLargerPipe(node))), 256 * 1024)
})

it('withLargerPipe() leaves the program as it is in all else', t => {
  const program = programOf(t, withLargerPipe(node))
  const run = () =>
    execFileSync(program, ['-p', 'process.argv.slice(1).join() + process.env.SAID', 'a', 'b'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { SAID: '!' },
      encoding: 'utf8',
    })
  assert.equal(run(), 'a,b!\n')
})

it('withLargerPipe() refuses what it does not know', () => {
  const other = Buffer.from(node.subarray(0, 4096))
  other.writeUInt16LE(243, 18)
  assert.throws(() => withLargerPipe(other), /unknown machine/)
})
