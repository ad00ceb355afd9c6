import { open, stat } from 'node:fs/promises'
import { type CoreHead, readCoreHead } from '../crash/core-head.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'

const LARGEST_HEAD_BYTES = 16 * 1024 * 1024

/**
 * The arguments that the kernel would have given with the core in `file`: who and why from the core
 * itself, the time from the file. What it came from has long gone, so it will count as unverified.
 */
export async function replayedArguments(file: string): Promise<string[]> {
  const head = await headOf(file)
  const { mtimeMs } = await stat(file)
  const seconds = Math.floor(mtimeMs / 1000)
  const pid = head.pid ?? 1
  return [pid, head.comm ?? 'unknown', seconds, head.signal?.number ?? 6, pid, 1, 0, ''].map(String)
}

async function headOf(file: string): Promise<CoreHead> {
  const read = readCoreHead(await startOf(file))
  if ('head' in read) return read.head
  throw new OperatorError(
    `Cannot replay "${file}": ${'foreign' in read ? read.foreign : 'it ends within its own header'}`,
    'Give an uncompressed ELF core: gunzip or zstd -d makes one of a stored core.',
  )
}

async function startOf(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, 'r')
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(LARGEST_HEAD_BYTES),
      0,
      LARGEST_HEAD_BYTES,
      0,
    )
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    throw new OperatorError(
      `Cannot read "${file}": ${messageOf(cause)}`,
      'Check the path and its permissions.',
      cause,
    )
  }
}
