import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseSeenRun, type SeenRun } from '../../bench/as-kernel.ts'
import { compile } from '../../bench/compile.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const CORE_BYTES = 300 * 1024

/** Runs `script` by as-kernel, with a core of 300 KiB; `null` where nothing can be compiled. */
async function see(test: TestContext, script: string): Promise<SeenRun | null> {
  const folder = temporaryFolder(test)
  const core = path.join(folder, 'core')
  writeFileSync(core, Buffer.alloc(CORE_BYTES, 'heap'))
  const program = await compile('as-kernel', folder).catch(() => null)
  if (program === null) {
    test.skip('there is no C compiler here')
    return null
  }
  return parseSeenRun(
    execFileSync(program, [core, '/bin/sh', '-c', script], { encoding: 'utf8', timeout: 120_000 }),
  )
}

it('a program that reads is given all of the core, and seen to read before it ends', async t => {
  const seen = await see(t, `[ "$(wc -c)" = ${CORE_BYTES} ]`)
  if (seen === null) return
  assert.ok(seen.firstReadMs > 0 && seen.firstReadMs <= seen.exitMs, JSON.stringify(seen))
  assert.ok(Math.abs(Date.now() - seen.startedAtMs) < 60_000)
})

it('a program that reads nothing is not seen to read', async t => {
  const seen = await see(t, 'exit 0')
  if (seen !== null) assert.ok(seen.firstReadMs < 0, JSON.stringify(seen))
})

it('a program is started as the kernel does: in /, with nothing to write to, and no environment', async t => {
  process.env.COREDOG_BENCH_LEAK = '1'
  t.after(() => delete process.env.COREDOG_BENCH_LEAK)
  const closed = '[ ! -e /proc/self/fd/1 ] && [ ! -e /proc/self/fd/2 ]'
  await see(t, `[ "$PWD" = / ] && [ -z "$COREDOG_BENCH_LEAK" ] && [ -p /proc/self/fd/0 ] && ${closed}`)
})

it('what a program took is not told when it failed', () => {
  assert.throws(() => parseSeenRun('{"status":3}'), /status 3/)
})
