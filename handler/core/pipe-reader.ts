import { readSync } from 'node:fs'
import { codeOf } from '../../crash/system-error.ts'
import { addon, type ReadBytes } from '../native/addon.ts'

/**
 * Reads until `lengthBytes` are there, the pipe ends, or `milliseconds` are over; or only once, with fewer bytes. At
 * the end it says so. Throws the errors of read(2).
 */
export type PipeReader = (
  fd: number,
  block: Buffer,
  at: number,
  lengthBytes: number,
  milliseconds: number,
) => ReadBytes

/** By the addon, where it can be loaded: without it a writer that is silent holds us for as long as it likes. */
export function pipeReader(): PipeReader {
  return addon()?.read ?? readOnce
}

/** Of a pipe that another process made non-blocking there may be nothing yet; the kernel's is not. */
export const readOnce: PipeReader = (fd, block, at, lengthBytes) => {
  try {
    const bytes = readSync(fd, block, at, lengthBytes, null)
    return { bytes, isEnd: bytes === 0 }
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return { bytes: 0, isEnd: false } // node:fs throws nothing else
    throw error
  }
}
