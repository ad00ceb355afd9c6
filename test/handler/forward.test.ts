import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import type { CorePipe } from '../../handler/core/core-pipe.ts'
import { forwardByOriginal } from '../../handler/forward.ts'
import { ORIGINAL_SYSCTLS_FILE } from '../../handoff/original-sysctls.ts'
import { isOpen, pipeFed, pipeOf, temporaryFolder } from '../fakes/core-file.ts'

const args = { pid: 42, comm: 'my app', crashedAt: new Date(1763700000_000), signal: 11 }
const observed = { cgroup: '0::/', executable: '/usr/bin/app', uid: 5 }
const core = Buffer.alloc(300_000, 'core')

const LIMITED = { timeout: 120_000 }

/** A state folder in which the installer found `corePattern`. */
function stateOf(test: TestContext, corePattern: string): string {
  const folder = temporaryFolder(test)
  writeFileSync(path.join(folder, ORIGINAL_SYSCTLS_FILE), JSON.stringify({ corePattern, corePipeLimit: 0 }))
  return folder
}

/** A script that the kernel called for crashes. */
function previous(test: TestContext, script: string): string {
  const file = path.join(temporaryFolder(test), 'previous')
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

function fifo(test: TestContext): string {
  const file = path.join(temporaryFolder(test), 'fifo')
  execFileSync('mkfifo', [file])
  return file
}

/** What was read of the core before it was known whose it is. */
function takenFrom({ fd }: CorePipe, length: number): Buffer {
  const taken = Buffer.alloc(length)
  for (let at = 0; at < length; ) at += readSync(fd, taken, at, length - at, null)
  return taken
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The process is held no more, and nothing is left of its memory. */
function assertForgotten(pipe: CorePipe, taken: readonly Buffer[]): void {
  assert.equal(isOpen(pipe.fd), false)
  assert.ok(taken.every(piece => piece.every(byte => byte === 0)))
}

it(
  'forwardByOriginal() gives the previous handler the arguments that it asked for, and the whole core',
  LIMITED,
  async t => {
    const received = fifo(t)
    const script = previous(t, `{ printf '%s|' "$@"; env | grep -c . ; cat; } > ${received}`)
    const pipe = pipeOf(t, core)
    const forwarded = await forwardByOriginal(stateOf(t, `|${script} %P %e %s %t %u %E %F`))(
      args,
      observed,
      pipe,
      [],
    )
    assert.deepEqual(forwarded, { to: script })
    assert.equal(isOpen(pipe.fd), false)
    const [words, ...rest] = readFileSync(received).toString().split('\n')
    // The shell sets PWD (and, where it is bash, two more) by itself.
    assert.match(words ?? '', /^42\|my app\|11\|1763700000\|5\|!usr!bin!app\|\|[0-3]$/)
    assert.equal(rest.join('\n'), core.toString())
  },
)

const MEBIBYTE = 2 ** 20
const large = randomBytes(6 * MEBIBYTE + 12_345)
const beginnings = [
  { name: 'nothing', lengths: [0] },
  { name: 'one byte', lengths: [1] },
  { name: '4 MiB', lengths: [4 * MEBIBYTE] },
  { name: 'more than what is left, in pieces of any length', lengths: [4 * MEBIBYTE, 0, MEBIBYTE, 77] },
  { name: 'all of it', lengths: [4 * MEBIBYTE, large.length - 4 * MEBIBYTE] },
]
for (const { name, lengths } of beginnings) {
  it(
    `forwardByOriginal() gives the previous handler a pipe with the whole core when ${name} was read`,
    LIMITED,
    async t => {
      const received = fifo(t)
      // As with the kernel's own pipe, it can be opened once more.
      const script = previous(t, `sha256sum < /dev/stdin > ${received}`)
      // Our limit is one for cores that we keep.
      const pipe = pipeFed(t, large, MEBIBYTE)
      const taken = lengths.map(length => takenFrom(pipe, length))
      const [forwarded, said] = await Promise.all([
        forwardByOriginal(stateOf(t, `|${script}`))(args, observed, pipe, taken),
        readFile(received, 'utf8'),
      ])
      assert.deepEqual([forwarded, said.split(' ')[0]], [{ to: script }, sha256(large)])
      assertForgotten(pipe, taken)
    },
  )
}

it(
  'forwardByOriginal() holds the process until a previous handler that gets what was read has ended',
  LIMITED,
  async t => {
    const [read, end] = [fifo(t), fifo(t)]
    const pipe = pipeFed(t, large)
    const taken = [takenFrom(pipe, MEBIBYTE)]
    const script = previous(t, `cat > /dev/null; echo all > ${read}; cat ${end}`)
    const forwarded = forwardByOriginal(stateOf(t, `|${script}`))(args, observed, pipe, taken)
    assert.equal(await readFile(read, 'utf8'), 'all\n')
    assert.equal(isOpen(pipe.fd), true)
    await writeFile(end, 'end')
    await forwarded
    assertForgotten(pipe, taken)
  },
)

it(
  'forwardByOriginal() lets the process go when the previous handler ends before the core',
  LIMITED,
  async t => {
    const pipe = pipeFed(t, large)
    const taken = [takenFrom(pipe, MEBIBYTE), takenFrom(pipe, MEBIBYTE)]
    const script = previous(t, 'head -c 100000 > /dev/null')
    assert.deepEqual(await forwardByOriginal(stateOf(t, `|${script}`))(args, observed, pipe, taken), {
      to: script,
    })
    assertForgotten(pipe, taken)
  },
)

it(
  'forwardByOriginal() lets the process go when the previous handler closes the core and goes on',
  LIMITED,
  async t => {
    const [pid, end] = [fifo(t), fifo(t)]
    const pipe = pipeFed(t, large)
    const taken = [takenFrom(pipe, MEBIBYTE)]
    const script = previous(t, `exec 0<&-; echo $$ > ${pid}; cat ${end}`)
    const forwarded = forwardByOriginal(stateOf(t, `|${script}`))(args, observed, pipe, taken)
    const previousPid = Number(await readFile(pid, 'utf8'))
    await forwarded
    assertForgotten(pipe, taken)
    assert.equal(process.kill(previousPid, 0), true)
    await writeFile(end, 'end')
  },
)

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
    const taken = [takenFrom(pipe, 1000)]
    const forwarded = await forwardByOriginal(stateOf(t, pattern))(args, observed, pipe, taken)
    assert.match('dropped' in forwarded ? forwarded.dropped : '', reason)
    assertForgotten(pipe, taken)
  })
}

it('forwardByOriginal() lets the process go when nobody knows what was there before', async t => {
  const pipe = pipeOf(t, core)
  const forwarded = await forwardByOriginal(temporaryFolder(t))(args, observed, pipe, [])
  assert.deepEqual(forwarded, { dropped: 'no previous core_pattern is known' })
})

for (const length of [0, 1000]) {
  it(`forwardByOriginal() says what to do when the previous handler is gone and ${length} bytes were read`, async t => {
    const pipe = pipeOf(t, core)
    const taken = [takenFrom(pipe, length)]
    await assert.rejects(forwardByOriginal(stateOf(t, '|/nowhere/handler %P'))(args, observed, pipe, taken), {
      name: 'OperatorError',
      message: /Cannot forward the crash to "\/nowhere\/handler"/,
      hint: /collect\.hostProcesses/,
    })
    assertForgotten(pipe, taken)
  })
}
