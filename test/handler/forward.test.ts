import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { CorePipe } from '../../handler/core/core-pipe.ts'
import { forwardByOriginal } from '../../handler/forward.ts'
import { ORIGINAL_SYSCTLS_FILE } from '../../handoff/original-sysctls.ts'
import { isOpen, pipeOf, temporaryFolder } from '../fakes/core-file.ts'

const args = { pid: 42, comm: 'my app', crashedAt: new Date(1763700000_000), signal: 11 }
const observed = { cgroup: '0::/', executable: '/usr/bin/app', uid: 5 }
const core = Buffer.alloc(300_000, 'core')

/** A state folder in which the installer found `corePattern`. */
function stateOf(test: TestContext, corePattern: string): string {
  const folder = temporaryFolder(test)
  writeFileSync(path.join(folder, ORIGINAL_SYSCTLS_FILE), JSON.stringify({ corePattern, corePipeLimit: 0 }))
  return folder
}

it('forwardByOriginal() gives the previous handler the arguments that it asked for, and the whole core', {
  timeout: 120_000,
}, async t => {
  const folder = temporaryFolder(t)
  const [script, fifo] = [path.join(folder, 'previous'), path.join(folder, 'fifo')]
  execFileSync('mkfifo', [fifo])
  writeFileSync(script, `#!/bin/sh\n{ printf '%s|' "$@"; env | grep -c . ; cat; } > ${fifo}\n`, {
    mode: 0o755,
  })
  const pipe = pipeOf(t, core)
  const forwarded = await forwardByOriginal(stateOf(t, `|${script} %P %e %s %t %u %E %F`))(
    args,
    observed,
    pipe,
  )
  assert.deepEqual(forwarded, { to: script })
  assert.equal(isOpen(pipe.fd), false)
  const [received, ...rest] = readFileSync(fifo).toString().split('\n')
  // The shell sets PWD (and, where it is bash, two more) by itself.
  assert.match(received ?? '', /^42\|my app\|11\|1763700000\|5\|!usr!bin!app\|\|[0-3]$/)
  assert.equal(rest.join('\n'), core.toString())
})

it('forwardByOriginal() gives the previous handler first what was taken from the pipe', {
  timeout: 120_000,
}, async t => {
  const folder = temporaryFolder(t)
  const below = (name: string) => path.join(folder, name)
  execFileSync('mkfifo', [below('fifo')])
  writeFileSync(below('previous'), `#!/bin/sh\ncat > ${below('fifo')}\n`, { mode: 0o755 })
  writeFileSync(below('core'), core.subarray(100_000))
  const first = { bytes: Buffer.from(core.subarray(0, 100_000)), askedAt: 0 }
  const pipe = new CorePipe(openSync(below('core'), 'r'), 0, closeSync, first)
  const received = readFile(below('fifo'))
  await forwardByOriginal(stateOf(t, `|${below('previous')}`))(args, observed, pipe)
  assert.equal(isOpen(pipe.fd), false)
  assert.ok(core.equals(await received))
})

const dropped = [
  {
    name: 'a file',
    pattern: '/var/crash/core.%p',
    reason: /wrote a file, .*: collect.hostProcesses: collect keeps/,
  },
  {
    name: 'the kernel’s own default',
    pattern: 'core',
    reason: /"core" wrote a file, .* collect keeps such cores/,
  },
  { name: 'a socket', pattern: '@/run/coredump.socket', reason: /is no program/ },
  { name: 'nothing', pattern: '', reason: /is no program/ },
]
for (const { name, pattern, reason } of dropped) {
  it(`forwardByOriginal() lets the process go when ${name} was there before`, async t => {
    const pipe = pipeOf(t, core)
    const forwarded = await forwardByOriginal(stateOf(t, pattern))(args, observed, pipe)
    assert.match('dropped' in forwarded ? forwarded.dropped : '', reason)
    assert.equal(isOpen(pipe.fd), false)
  })
}

it('forwardByOriginal() lets the process go when nobody knows what was there before', async t => {
  const pipe = pipeOf(t, core)
  const forwarded = await forwardByOriginal(temporaryFolder(t))(args, observed, pipe)
  assert.deepEqual(forwarded, { dropped: 'no previous core_pattern is known' })
})

it('forwardByOriginal() says what to do when the previous handler is gone, and lets the process go', async t => {
  const pipe = new CorePipe(openSync('/dev/null', 'r'))
  await assert.rejects(forwardByOriginal(stateOf(t, '|/nowhere/handler %P'))(args, observed, pipe), {
    name: 'OperatorError',
    message: /Cannot forward the crash to "\/nowhere\/handler"/,
    hint: /collect\.hostProcesses/,
  })
  assert.equal(isOpen(pipe.fd), false)
})
