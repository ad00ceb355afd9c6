import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { jvmReport } from '../../../handler/why/jvm-report.ts'

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
