import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { it } from 'node:test'
import { compressingThreads, POOL_THREADS } from '../../handler/threads.ts'

it('compressingThreads() is half of the CPUs, at least two and at most six', () => {
  const cpus = [1, 2, 3, 4, 5, 8, 11, 12, 13, 128]
  assert.deepEqual(cpus.map(compressingThreads), [2, 2, 2, 2, 3, 4, 6, 6, 6, 6])
})

it('the pool of libuv becomes as large as we say, if nobody used it before', () => {
  const script = `
    import { readdirSync } from 'node:fs'
    import { deflateRaw } from 'node:zlib'
    const threads = () => readdirSync('/proc/self/task').length
    process.env.UV_THREADPOOL_SIZE = '${POOL_THREADS + 3}'
    const before = threads()
    await new Promise(done => deflateRaw('', done))
    console.log(threads() - before)`
  const args = ['--input-type=module', '--eval', script]
  assert.equal(Number(execFileSync(process.execPath, args, { env: {} })), POOL_THREADS + 3)
})
