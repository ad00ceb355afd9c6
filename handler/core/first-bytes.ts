import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { parseCgroup } from '../../crash/cgroup.ts'
import { parseKernelArgs } from '../../crash/kernel-args.ts'

/** What was read of a core before it was known whose it is. */
export interface FirstBytes {
  readonly bytes: Buffer
  /** In milliseconds of performance.now(). */
  readonly askedAt: number
}

const MOST_BYTES = 2 ** 20
const LONGEST_MS = 3

/**
 * What lies in the pipe already, without waiting for more. `null`: it is to be left alone until it is known
 * whose it is.
 */
export function takeFirst(fd: number, argv: readonly string[], proc = '/proc'): FirstBytes | null {
  try {
    return isForUs(argv, proc) && fstatSync(fd).isFIFO() ? readNow(fd) : null
  } catch {
    // It is read later, and what is wrong with it is found out then.
    return null
  }
}

/**
 * Whether it may be read before its process was looked at: the kernel holds that only where `core_pipe_limit` says
 * so. And what is in no container mostly goes to another handler, which gets the pipe as the kernel made it.
 */
function isForUs(argv: readonly string[], proc: string): boolean {
  const { pid, threadId = pid } = parseKernelArgs(argv)
  if (readFileSync(`${proc}/sys/kernel/core_pipe_limit`, 'latin1').trim() === '0') return false
  return parseCgroup(readFileSync(`${proc}/${pid}/task/${threadId}/cgroup`, 'latin1')) !== null
}

/** By a description of its own: not to wait is a property of that, and the others are to. */
function readNow(fd: number): FirstBytes {
  const reader = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const askedAt = performance.now()
    const memory = Buffer.allocUnsafeSlow(MOST_BYTES)
    let filled = 0
    while (filled < MOST_BYTES && performance.now() - askedAt < LONGEST_MS) {
      const bytes = waiting(reader, memory, filled)
      if (bytes === 0) break
      filled += bytes
    }
    return { bytes: memory.subarray(0, filled), askedAt }
  } finally {
    closeSync(reader)
  }
}

/** 0: nothing is there, or will be; who reads next learns which, and what there is no reading of. */
function waiting(fd: number, memory: Buffer, at: number): number {
  try {
    return readSync(fd, memory, at, memory.length - at, null)
  } catch {
    return 0
  }
}
