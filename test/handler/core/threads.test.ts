import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { it } from 'node:test'
import { compressingThreads, POOL_THREADS } from '../../../handler/core/threads.ts'

it('compressingThreads() is half of the CPUs, at least two and at most six', () => {
  const cpus = [1, 2, 3, 4, 5, 8, 11, 12, 13, 128]
  assert.deepEqual(cpus.map(compressingThreads), [2, 2, 2, 2, 3, 4, 6, 6, 6, 6])
})

it('the pool of libuv becomes as large as we say, if nobody used it before', () => {
  const script = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { deflateRaw } from 'node:zlib'
    process.env.UV_THREADPOOL_SIZE = '${POOL_THREADS + 3}'
    await new Promise(done => deflateRaw('', done))
    const names = readdirSync('/proc/self/task').map(id => readFileSync('/proc/self/task/' + id + '/comm', 'utf8'))
    console.log(names.filter(name => name === 'libuv-worker\\n').length)`
  const args = ['--input-type=module', '--eval', script]
  assert.equal(Number(execFileSync(process.execPath, args, { env: {} })), POOL_THREADS + 3)
})
