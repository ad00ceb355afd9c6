import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { takeFirst } from '../../../handler/core/first-bytes.ts'
import { CGROUP } from '../../fakes/checkout-pod.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const ARGUMENTS = ['4242', 'checkout', '1763700000', '11', '4243', '1', '0', '3']
const OF_POD = `0::/${CGROUP}\n`

/** A /proc of one thread. */
function procOf(test: TestContext, { limit = '1000\n', cgroup = OF_POD } = {}): string {
  const proc = temporaryFolder(test)
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(proc, file)), { recursive: true })
    writeFileSync(path.join(proc, file), text)
  }
  write('sys/kernel/core_pipe_limit', limit)
  write('4242/task/4243/cgroup', cgroup)
  return proc
}

/** With bytes in it, and a writer that could write more. */
function openFifo(test: TestContext, text: string): number {
  const file = path.join(temporaryFolder(test), 'fifo')
  execFileSync('mkfifo', [file])
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  writeSync(openSync(file, 'w'), text)
  return reader
}

it('takes what lies in the pipe of a container’s process, and does not wait for more', t => {
  const fd = openFifo(t, 'the head of a core')
  const before = performance.now()
  const first = takeFirst(fd, ARGUMENTS, procOf(t))
  assert.equal(first?.bytes.toString(), 'the head of a core')
  assert.ok(first.askedAt >= before && first.askedAt <= performance.now())
  assert.equal(takeFirst(fd, ARGUMENTS, procOf(t))?.bytes.length, 0)
})

const LEFT_ALONE: Record<string, { limit?: string; cgroup?: string; argv?: readonly string[] }> = {
  'the kernel holds no process': { limit: '0\n' },
  'it is a process of the node': { cgroup: '0::/system.slice/checkout.service\n' },
  'the process is gone': { argv: ['4244', ...ARGUMENTS.slice(1)] },
  'the thread is not said': { argv: ['4242'] },
  'the kernel did not call': { argv: ['4242x'] },
}
for (const [why, { argv = ARGUMENTS, ...proc }] of Object.entries(LEFT_ALONE)) {
  it(`leaves the pipe alone where ${why}`, t => {
    const fd = openFifo(t, 'somebody else’s')
    assert.equal(takeFirst(fd, argv, procOf(t, proc)), null)
    assert.equal(takeFirst(fd, ARGUMENTS, procOf(t))?.bytes.toString(), 'somebody else’s')
  })
}

it('leaves a file alone: its reader would begin anew', t => {
  const file = path.join(temporaryFolder(t), 'core')
  writeFileSync(file, 'a core')
  assert.equal(takeFirst(openSync(file, 'r'), ARGUMENTS, procOf(t)), null)
})
