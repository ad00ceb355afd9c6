import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, realpathSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { it, type TestContext } from 'node:test'
import { nodeProc } from '../../../handler/identity/proc.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

it('a read that hangs is given up, and counts as hung until it is back: the handler could not end by itself', {
  timeout: 120_000,
}, async t => {
  const file = hangingFile(t)
  const proc = nodeProc(0.01)
  assert.deepEqual([await proc.read(file, 100), await proc.memory(file, 0n, 100)], [null, null])
  assert.ok(isSomeCallHung())
  await letReadersGo(file)
})

it('of memory that hangs one read is asked, and no more: each would keep a thread that all else waits for', {
  timeout: 120_000,
}, async t => {
  const file = hangingFile(t)
  const proc = nodeProc(0.01)
  const asked = Array.from({ length: 16 }, () => proc.memory(file, 0n, 100))
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([null]))
  assert.match(await readFile('/proc/self/stat', 'latin1'), /^\d+ \(/)
  await letReadersGo(file)
})

it('the command line and the environment are memory, too: behind one that hangs there is none', {
  timeout: 120_000,
}, async t => {
  const file = hangingFile(t, 'cmdline')
  const environment = path.join(path.dirname(file), 'environ')
  await writeFile(environment, 'A=1')
  const proc = nodeProc(0.01)
  assert.deepEqual(await Promise.all([file, environment].map(name => proc.read(name, 100))), [null, null])
  assert.equal(await proc.memory(environment, 0n, 3), null)
  await letReadersGo(file)
  // On a busy machine no file may be read within the deadline, and one that was not is in the way of the next.
  while ((await proc.read(environment, 100)) !== 'A=1') await new Promise(setImmediate)
})

/** To open a FIFO without a writer hangs as a command line does that lies on a file system that went away. */
function hangingFile(test: TestContext, name = 'fifo'): string {
  const file = path.join(temporaryFolder(test), name)
  execFileSync('mkfifo', [file])
  return file
}

/** Those that wait in the FIFO: on a busy machine a thread may come there only now. */
async function letReadersGo(fifo: string): Promise<void> {
  while (isSomeCallHung()) {
    try {
      closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
    } catch (thrown) {
      assert.equal((thrown as NodeJS.ErrnoException).code, 'ENXIO')
    }
    await new Promise(setImmediate)
  }
}

it('a read that answers, or fails, leaves nothing that hangs', async () => {
  const proc = nodeProc(60)
  assert.match((await proc.read('/proc/self/stat', 4096)) ?? '', /^\d+ \(/)
  assert.equal(await proc.read('/proc/self/no-such-file', 4096), null)
  assert.equal(isSomeCallHung(), false)
})

it('mappedFiles() reads the files in the memory of a process, and nothing of one that is gone', async () => {
  const proc = nodeProc(60)
  const files = (await proc.mappedFiles('/proc/self/maps')) ?? []
  const program = files.filter(({ path }) => path === realpathSync(process.execPath))
  assert.equal(program[0]?.fileOffset, 0n)
  assert.ok(program.every(({ start, end }) => start < end))
  assert.equal(await proc.mappedFiles('/proc/0/maps'), null)
})

it('openMemory() reads a process until it is gone, and tells a page that is not there', async t => {
  const sleeping = spawn('sleep', ['1000'])
  t.after(() => sleeping.kill('SIGKILL'))
  await once(sleeping, 'spawn')
  const proc = nodeProc(60)
  const program = () =>
    proc
      .mappedFiles(`/proc/${sleeping.pid}/maps`)
      .then(files => files?.find(({ path }) => path === realpathSync('/bin/sleep')))
  let start: bigint | undefined
  // Until it has become that program.
  while (start === undefined) start = (await program())?.start
  const memory = (await proc.openMemory(`/proc/${sleeping.pid}/mem`)) ?? assert.fail()
  const page = Buffer.alloc(4096)
  assert.equal(await memory.read(start, page), 4096)
  assert.equal(page.toString('latin1', 1, 4), 'ELF')
  assert.equal(await memory.read(8192n, page), null)
  assert.equal(await memory.read(0xffff_ffff_ff60_0000n, page), null)
  sleeping.kill('SIGKILL')
  await once(sleeping, 'exit')
  assert.equal(await memory.read(start, page), 0)
  memory.close()
  assert.equal(await proc.openMemory(`/proc/${sleeping.pid}/mem`), null)
})
