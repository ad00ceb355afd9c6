import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const MODULE = path.resolve(import.meta.dirname, '../../../handler/core/pool-priority.ts')

/** In a process of its own: who may not raise a priority again would be slow from then on. */
function nicesAfter(calls: string): { main: number; pool: number[] } {
  const program = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { readFile } from 'node:fs/promises'
    import { getPriority } from 'node:os'
    import { OwnPoolPriority } from ${JSON.stringify(MODULE)}
    await readFile('/proc/self/stat')
    const priority = new OwnPoolPriority()
    ${calls}
    const tasks = readdirSync('/proc/self/task')
    const pool = tasks.filter(task => readFileSync('/proc/self/task/' + task + '/comm', 'utf8') === 'libuv-worker\\n')
    console.log(JSON.stringify({ main: getPriority(), pool: pool.map(task => getPriority(Number(task))) }))`
  const env = { ...process.env, UV_THREADPOOL_SIZE: '3' }
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env }),
  )
}

it('yieldToReader() lowers the threads of the pool, and not the one that reads', () => {
  assert.deepEqual(nicesAfter('priority.yieldToReader(true)'), { main: 0, pool: [19, 19, 19] })
})

it('yieldToReader() gives them their share again', {
  skip: process.getuid?.() !== 0 && 'only root may raise a priority',
}, () => {
  const calls = 'priority.yieldToReader(true); priority.yieldToReader(false)'
  assert.deepEqual(nicesAfter(calls), { main: 0, pool: [0, 0, 0] })
})
