import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { jvmReport } from '../../../handler/why/jvm-report.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

/** NT_PRSTATUS, as much of it as has the number of the thread. */
function statusOf(threadId: number): Uint8Array {
  const status = Buffer.alloc(336)
  status.writeUInt32LE(threadId, 32)
  return status
}

function reportOf(name: string, pid: number, threadId: number): ReturnType<typeof jvmReport> {
  const fd = openSync(path.join(import.meta.dirname, '../../fixtures/why/jvm', name), 'r')
  try {
    const file = {
      kind: 'jvm-error' as const,
      path: '/app/hs_err_pid1.log',
      fd,
      sizeBytes: fstatSync(fd).size,
    }
    return jvmReport({ runtimeFiles: [file], pid, statuses: [statusOf(threadId)] })
  } finally {
    closeSync(fd)
  }
}

it('jvmReport() names the file of the crash, the methods of Java, and what the JVM said', () => {
  const fault = reportOf('unsafe-17.log', 18792, 18793)
  assert.deepEqual(Object.keys(fault), ['runtimeReport', 'interpreterFrames'])
  assert.deepEqual(fault.interpreterFrames?.at(-2), { function: 'Cart.total', own: true })
  assert.deepEqual(fault.interpreterFrames?.at(0), {
    function: 'jdk.internal.misc.Unsafe.putInt',
    own: false,
  })
  assert.deepEqual(reportOf('heap-17.log', 18826, 18827), {
    runtimeReport: '/app/hs_err_pid1.log',
    abortMessage: 'fatal error: OutOfMemory encountered: Java heap space',
    interpreterFrames: [{ function: 'Fill.main', own: true }],
  })
})

it('jvmReport() believes no file of another process, or of another thread', () => {
  assert.deepEqual(reportOf('unsafe-17.log', 1, 18793), {})
  assert.deepEqual(reportOf('unsafe-17.log', 18792, 7), {})
  assert.deepEqual(jvmReport({ pid: 1, statuses: [] }), {})
})

it('jvmReport() has visible characters alone, of a file that a process may write itself', t => {
  const file = path.join(temporaryFolder(t), 'hs_err_pid1.log')
  const header = '#  Internal Error (a.cpp:1), pid=1, tid=7\n#  fatal\x1b[31m error\n#\n'
  writeFileSync(file, `${header}Java frames:\nj  Cart\u202e.total(I)I+8\n\n`)
  const fd = openSync(file, 'r')
  t.after(() => closeSync(fd))
  const opened = { kind: 'jvm-error' as const, path: file, fd, sizeBytes: fstatSync(fd).size }
  const { abortMessage, interpreterFrames } = jvmReport({
    runtimeFiles: [opened],
    pid: 1,
    statuses: [statusOf(7)],
  })
  assert.equal(abortMessage, 'fatal\\x1b[31m error')
  assert.deepEqual(interpreterFrames, [{ function: 'Cart\\u{202e}.total', own: true }])
})
