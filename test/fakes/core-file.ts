import { execFileSync, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { CorePipe } from '../../handler/core/core-pipe.ts'

/** A folder that is gone when the test is over. */
export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-test-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A pipe that holds `bytes` and then ends. */
export function pipeOf(test: TestContext, bytes: Buffer, limitBytes = 0): CorePipe {
  const file = path.join(temporaryFolder(test), 'core')
  writeFileSync(file, bytes)
  const pipe = new CorePipe(openSync(file, 'r'), { limitBytes })
  test.after(() => pipe.close())
  return pipe
}

/** As {@link pipeOf}, where it has to be a pipe: what was read is not in it any more. */
export function pipeFed(test: TestContext, bytes: Buffer, limitBytes = 0): CorePipe {
  const pipe = new CorePipe(fedBy(test, bytes, []), { limitBytes })
  test.after(() => pipe.close())
  return pipe
}

/** The reading end of a pipe into which a program writes `bytes` one by one. */
export function pipeByteByByte(test: TestContext, bytes: Buffer): number {
  const fd = fedBy(test, bytes, ['bs=1'])
  test.after(() => closeSync(fd))
  return fd
}

function fedBy(test: TestContext, bytes: Buffer, options: readonly string[]): number {
  const folder = temporaryFolder(test)
  const [file, fifo] = [path.join(folder, 'bytes'), path.join(folder, 'fifo')]
  writeFileSync(file, bytes)
  execFileSync('mkfifo', [fifo])
  spawn('dd', [`if=${file}`, `of=${fifo}`, ...options, 'status=none'], { stdio: 'ignore' })
  return openSync(fifo, 'r')
}

/** Whether the file descriptor is still open. */
export function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}
